"""The page that a mailed invitation leads to."""

from django.urls import path

from requests.console import invitation_views

urlpatterns = [
    path("invitation/<token:token>/", invitation_views.invitation, name="staff_invitation"),
]
