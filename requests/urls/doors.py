"""More doors for machines under /hooks/, and the staff pages of what they bring."""

from django.urls import path

from requests.views import doors, missed, photo_link, sensors

app_name = "doors"
urlpatterns = [
    path("photos/<str:token>/", photo_link.photos, name="photo_link"),
    path("agency/photos/<uuid:pk>/ask/", photo_link.ask, name="ask_photo"),
    path("hooks/calls/", missed.hook, name="calls_hook"),
    path("calls/missed/", missed.index, name="missed"),
    path("calls/missed/<int:pk>/", missed.returned, name="returned"),
    path("hooks/whatsapp/", doors.whatsapp_hook, name="whatsapp_hook"),
    path("hooks/page/", doors.page_hook, name="page_hook"),
    path("hooks/sensors/<slug:slug>/", sensors.hook, name="sensor_hook"),
    path("agency/sensors/", sensors.index, name="sensors"),
    path("agency/sensors/all/<slug:state>/", sensors.switch_all, name="sensors_switch"),
    path("agency/sensors/<int:pk>/<slug:state>/", sensors.switch_one, name="sensor_switch"),
]
