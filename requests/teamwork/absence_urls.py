"""Who is away and who stands in."""

from django.urls import path

from requests.teamwork import absence_views

app_name = "absences"
urlpatterns = [
    path("", absence_views.index, name="index"),
    path("<int:pk>/cancel/", absence_views.cancel, name="cancel"),
    path("back/<uuid:pk>/", absence_views.give_back, name="give_back"),
]
