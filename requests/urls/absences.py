"""Who is away and who stands in."""

from django.urls import path

from requests.views import absences

app_name = "absences"
urlpatterns = [
    path("", absences.index, name="index"),
    path("<int:pk>/cancel/", absences.cancel, name="cancel"),
    path("back/<uuid:pk>/", absences.give_back, name="give_back"),
]
