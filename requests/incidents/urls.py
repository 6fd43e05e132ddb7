"""Routes of collective incidents for staff."""

from django.urls import path

from requests.incidents import open_views, views

urlpatterns = [
    path("", views.listing, name="incidents"),
    path("pick/", views.pick, name="incident_pick"),
    path("group/", views.group, name="incident_group"),
    path("open/", open_views.direct, name="incident_direct"),
    path("new/<slug:key>/", views.new, name="incident_new"),
    path("<uuid:pk>/", views.incident, name="incident"),
    path("<uuid:pk>/close/", views.close, name="incident_close"),
    path("<uuid:pk>/poster.pdf", views.poster, name="incident_poster"),
]
