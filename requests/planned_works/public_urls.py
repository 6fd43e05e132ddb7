"""Route of the public page of planned works."""

from django.urls import path

from requests.planned_works import views

urlpatterns = [
    path("<uuid:pk>/", views.public, name="planned_public"),
]
