"""The address of the time ledger."""

from django.urls import path

from requests.time_ledger import views

urlpatterns = [
    path("", views.ledger, name="time_ledger"),
    path("ledger.csv", views.ledger_csv, name="time_ledger_csv"),
]
