"""What caretakers found on their rounds, for a person at the agency to decide."""

from django.urls import path

from requests.rounds import agency_views

app_name = "agency_rounds"
urlpatterns = [
    path("", agency_views.index, name="index"),
    path("check/<uuid:pk>/", agency_views.decide_check, name="decide_check"),
    path("photo/<uuid:pk>/", agency_views.photo, name="photo"),
    path("correction/<int:pk>/", agency_views.decide_correction, name="decide_correction"),
]
