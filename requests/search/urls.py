"""The search of staff."""

from django.urls import path

from requests.search import views

app_name = "search"
urlpatterns = [
    path("", views.page, name="page"),
    path("results/", views.results, name="results"),
]
