"""Complaints about the service, by tenants, staff and head office; routes outside the house."""

from django.urls import path

from requests.views import complaints

urlpatterns = [
    path("recourse/", complaints.routes, name="recourse"),
    path("agency/<uuid:pk>/complaint/", complaints.heard, name="complaint_heard"),
    path("agency/<uuid:pk>/notice/", complaints.notice, name="formal_notice"),
    path("head-office/complaints/", complaints.listing, name="complaints"),
    path("head-office/complaints.csv", complaints.as_csv, name="complaints_csv"),
]
