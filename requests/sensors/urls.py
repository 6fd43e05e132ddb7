"""Routes of sensors: the webhook of their readings, and the page of their state."""

from django.urls import path

from requests.sensors import views

app_name = "sensors"
urlpatterns = [
    path("hooks/sensors/<slug:slug>/", views.hook, name="hook"),
    path("agency/sensors/", views.index, name="index"),
    path("agency/sensors/all/<slug:state>/", views.switch_all, name="switch_all"),
    path("agency/sensors/<int:pk>/<slug:state>/", views.switch_one, name="switch"),
]
