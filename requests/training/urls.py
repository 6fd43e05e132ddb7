"""Addresses of a training landlord; absent in production."""

from django.urls import path

from requests.training import views

app_name = "training"
urlpatterns = [
    path("", views.start, name="start"),
    path("box/", views.box, name="box"),
    path("renew/", views.renew, name="renew"),
    path("<slug:key>/begin/", views.begin, name="begin"),
    path("<slug:key>/skip/", views.skip, name="skip"),
]
