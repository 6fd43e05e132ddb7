"""Routes of complaints about the service, and of the page on routes of appeal."""

from django.urls import path

from requests.complaints import views

urlpatterns = [
    path("recourse/", views.routes, name="recourse"),
    path("head-office/complaints/", views.listing, name="complaints"),
    path("head-office/complaints.csv", views.as_csv, name="complaints_csv"),
]
