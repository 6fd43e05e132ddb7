"""Collective incidents, for staff."""

from django.urls import path

from requests.views import incidents

urlpatterns = [
    path("", incidents.listing, name="incidents"),
    path("pick/", incidents.pick, name="incident_pick"),
    path("group/", incidents.group, name="incident_group"),
    path("new/<slug:key>/", incidents.new, name="incident_new"),
    path("<uuid:pk>/", incidents.incident, name="incident"),
    path("<uuid:pk>/close/", incidents.close, name="incident_close"),
    path("<uuid:pk>/poster.pdf", incidents.poster, name="incident_poster"),
]
