"""Routes of surveys for staff and for tenants' representatives."""

from django.urls import path

from requests.surveys import entry_views, views

app_name = "surveys"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.survey, name="survey"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/stop/", views.stop, name="stop"),
    path("<uuid:pk>/results.csv", views.results_csv, name="csv"),
    path("<uuid:pk>/words/", views.words, name="words"),
    path("<uuid:pk>/ask/", entry_views.to_ask, name="to_ask"),
    path("<uuid:pk>/letters.pdf", entry_views.letters, name="letters"),
    path("<uuid:pk>/posted/", entry_views.posted, name="posted"),
    path("code/", entry_views.code, name="code"),
    path("invitation/<uuid:pk>/", entry_views.enter, name="enter"),
    path("invitation/<uuid:pk>/refuse/", entry_views.refuse, name="refuse"),
]
