"""Calls and the counter."""

from django.urls import path

from requests.calls import here_views, views, wait_views

app_name = "calls"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("faults/", views.faults, name="faults"),
    path("suggested/", views.suggestions_for_words, name="suggested"),
    path("sentence/", views.sentence, name="sentence"),
    path("file/", views.file, name="file"),
    path("here/", here_views.here, name="here"),
    path("<uuid:pk>/choose/", wait_views.choose, name="choose"),
    path("<uuid:pk>/confirm/", wait_views.confirm, name="confirm"),
    path("<uuid:pk>/receipt/", wait_views.receipt, name="receipt"),
    path("<uuid:pk>/done/", views.done, name="done"),
    path("<uuid:pk>/add/", views.add, name="add"),
    path("<uuid:pk>/heard/", views.show_open_claim, name="heard"),
]
