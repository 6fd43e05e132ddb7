"""Technical follow-up, for the administrator; head office may read it."""

from django.urls import path

from requests.operations import views

app_name = "operations"
urlpatterns = [
    path("", views.health, name="health"),
    path("<int:pk>/retry/", views.retry, name="retry"),
    path("<int:pk>/give-up/", views.give_up, name="give_up"),
]
