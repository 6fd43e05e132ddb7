"""Help between units."""

from django.urls import path

from requests.teamwork import assistance_views

app_name = "help"
urlpatterns = [
    path("", assistance_views.index, name="index"),
    path("<int:pk>/answer/", assistance_views.answer, name="answer"),
    path("<int:pk>/end/", assistance_views.end, name="end"),
]
