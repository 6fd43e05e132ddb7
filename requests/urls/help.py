"""Help between units."""

from django.urls import path

from requests.views import helping

app_name = "help"
urlpatterns = [
    path("", helping.index, name="index"),
    path("<int:pk>/answer/", helping.answer, name="answer"),
    path("<int:pk>/end/", helping.end, name="end"),
]
