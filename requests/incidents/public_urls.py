"""Route of the public page of a collective incident."""

from django.urls import path

from requests.incidents import views

urlpatterns = [
    path("<uuid:pk>/", views.public, name="incident_public"),
]
