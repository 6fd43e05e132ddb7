"""Addresses of stock insight."""

from django.urls import path

from requests.stock_insight import views

app_name = "insight"
urlpatterns = [
    path("", views.watch, name="watch"),
    path("repeats/", views.repeats, name="repeats"),
    path("repeats.csv", views.repeats_csv, name="repeats_csv"),
    path("limits/", views.limits, name="limits"),
]
