"""More doors for machines under /hooks/, and the staff pages of what they bring."""

from django.urls import path

from requests.calls import missed_call_views
from requests.inbound import webhook_views
from requests.sensors import views as sensors
from requests.tenant_pages import photo_views

app_name = "doors"
urlpatterns = [
    path("photos/<str:token>/", photo_views.photos, name="photo_link"),
    path("agency/photos/<uuid:pk>/ask/", photo_views.ask, name="ask_photo"),
    path("hooks/calls/", missed_call_views.hook, name="calls_hook"),
    path("calls/missed/", missed_call_views.index, name="missed"),
    path("calls/missed/<int:pk>/", missed_call_views.returned, name="returned"),
    path("hooks/whatsapp/", webhook_views.whatsapp_hook, name="whatsapp_hook"),
    path("hooks/page/", webhook_views.page_hook, name="page_hook"),
    path("hooks/sensors/<slug:slug>/", sensors.hook, name="sensor_hook"),
    path("agency/sensors/", sensors.index, name="sensors"),
    path("agency/sensors/all/<slug:state>/", sensors.switch_all, name="sensors_switch"),
    path("agency/sensors/<int:pk>/<slug:state>/", sensors.switch_one, name="sensor_switch"),
]
