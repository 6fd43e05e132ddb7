"""The page of a collective incident that anybody may read."""

from django.urls import path

from requests.incidents import views

urlpatterns = [
    path("<uuid:pk>/", views.public, name="incident_public"),
]
