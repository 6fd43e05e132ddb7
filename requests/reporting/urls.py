"""Addresses of the exports, in the landlord's console."""

from django.urls import path

from requests.reporting import views

app_name = "exports"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.add, name="add"),
    path("try/", views.try_out, name="try"),
    path("<int:pk>/", views.edit, name="edit"),
    path("<int:pk>/now/", views.ask, name="ask"),
    path("<int:pk>/switch/", views.switch, name="switch"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("figures/<slug:name>/", views.dataset, name="dataset"),
    path("figures/<slug:name>.csv", views.dataset_csv, name="dataset_csv"),
]
