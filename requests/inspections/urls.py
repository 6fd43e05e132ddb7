"""Addresses of inspections."""

from django.urls import path

from requests.inspections import views

urlpatterns = [path("new/", views.new, name="inspection_new")]
