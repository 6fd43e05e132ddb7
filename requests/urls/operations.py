"""Technical follow-up, for the administrator; head office may read it."""

from django.urls import path

from requests.views import operations

app_name = "operations"
urlpatterns = [
    path("", operations.health, name="health"),
    path("<int:pk>/retry/", operations.retry, name="retry"),
    path("<int:pk>/give-up/", operations.give_up, name="give_up"),
]
