"""Figures per unit, and the claims behind each of them."""

from django.urls import path

from requests.views import head_office

app_name = "head_office"
urlpatterns = [
    path("", head_office.overview, name="overview"),
    path("claims/", head_office.claims, name="claims"),
    path("annotate/", head_office.annotate, name="annotate"),
    path("annotate/<int:annotation>/withdraw/", head_office.withdraw, name="withdraw"),
    path("figures.csv", head_office.as_csv, name="csv"),
]
