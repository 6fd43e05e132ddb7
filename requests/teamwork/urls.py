"""URLs of the next claim, and of how each desk shares its work."""

from django.urls import path

from requests.teamwork import views

app_name = "sharing"
urlpatterns = [
    path("", views.index, name="index"),
    path("next/", views.next_one, name="next"),
    path("<int:desk>/", views.desk, name="desk"),
]
