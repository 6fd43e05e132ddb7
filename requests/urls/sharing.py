"""The next claim, and how each desk shares its work."""

from django.urls import path

from requests.views import sharing

app_name = "sharing"
urlpatterns = [
    path("", sharing.index, name="index"),
    path("next/", sharing.next_one, name="next"),
    path("<int:desk>/", sharing.desk, name="desk"),
]
