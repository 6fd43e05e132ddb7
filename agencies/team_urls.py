"""URLs of the roles that wait for a second person."""

from django.urls import path

from agencies.views import roles

app_name = "teams"
urlpatterns = [
    path("", roles.pending, name="pending"),
    path("<int:pk>/confirm/", roles.confirm, name="confirm"),
    path("<int:pk>/refuse/", roles.refuse, name="refuse"),
]
