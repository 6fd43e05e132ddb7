"""Routes of emergency openings, for the desks."""

from django.urls import path

from requests.audit import emergency_views

app_name = "emergency"
urlpatterns = [
    path("", emergency_views.index, name="index"),
    path("<uuid:pk>/", emergency_views.claim, name="claim"),
]
