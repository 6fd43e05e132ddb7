"""Complaints about the service, by tenants, staff and head office; routes outside the house."""

from django.urls import path

from requests.complaints import views

urlpatterns = [
    path("recourse/", views.routes, name="recourse"),
    path("head-office/complaints/", views.listing, name="complaints"),
    path("head-office/complaints.csv", views.as_csv, name="complaints_csv"),
]
