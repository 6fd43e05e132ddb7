"""The page of planned works that anybody may read."""

from django.urls import path

from requests.planned_works import views

urlpatterns = [
    path("<uuid:pk>/", views.public, name="planned_public"),
]
