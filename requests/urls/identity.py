"""Doubles and mandates, for the desks."""

from django.urls import path

from requests.views import identity

app_name = "identity"
urlpatterns = [
    path("", identity.index, name="index"),
    path("person/<uuid:pk>/", identity.person, name="person"),
    path("mandates/<uuid:pk>/end/", identity.end_mandate, name="end_mandate"),
    path("merges/<uuid:key>/", identity.merged, name="merged"),
    path("merges/<uuid:key>/undo/", identity.undo, name="undo"),
    path("<uuid:kept>/<uuid:absorbed>/", identity.preview, name="preview"),
    path("<uuid:kept>/<uuid:absorbed>/merge/", identity.merge, name="merge"),
    path("<uuid:kept>/<uuid:absorbed>/different/", identity.different, name="different"),
]
