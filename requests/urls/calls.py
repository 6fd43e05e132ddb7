"""Calls and the counter."""

from django.urls import path

from requests.views import calls

app_name = "calls"
urlpatterns = [
    path("", calls.desk, name="desk"),
    path("faults/", calls.faults, name="faults"),
    path("suggested/", calls.suggested, name="suggested"),
    path("sentence/", calls.sentence, name="sentence"),
    path("file/", calls.file, name="file"),
    path("<uuid:pk>/done/", calls.done, name="done"),
    path("<uuid:pk>/add/", calls.add, name="add"),
    path("<uuid:pk>/heard/", calls.heard, name="heard"),
]
