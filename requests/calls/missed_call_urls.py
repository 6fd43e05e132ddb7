"""Missed calls: the webhook of the telephone system, and the list of calls to return."""

from django.urls import path

from requests.calls import missed_call_views

app_name = "missed_calls"
urlpatterns = [
    path("hooks/calls/", missed_call_views.hook, name="hook"),
    path("calls/missed/", missed_call_views.index, name="index"),
    path("calls/missed/<int:pk>/", missed_call_views.record_call_back, name="returned"),
]
