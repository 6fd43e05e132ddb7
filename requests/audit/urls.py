"""Routes of the log of who read what, for the data-protection officer."""

from django.urls import path

from requests.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.log, name="log"),
    path("lists/", views.lists, name="lists"),
    path("export/", views.export, name="export"),
]
