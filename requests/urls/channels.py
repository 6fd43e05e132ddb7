"""Doors for machines under /hooks/; the tray and the channels' health for staff."""

from django.urls import path

from requests.views import channels

app_name = "channels"
urlpatterns = [
    path("hooks/mail/<slug:slug>/", channels.mail_hook, name="mail_hook"),
    path("hooks/sms/", channels.sms_hook, name="sms_hook"),
    path("hooks/sms/provider/", channels.sms_provider, name="sms_provider"),
    path("agency/tray/", channels.tray, name="tray"),
    path("agency/tray/<uuid:pk>/", channels.entry, name="entry"),
    path("agency/tray/<uuid:pk>/replay/", channels.replay, name="replay"),
    path("agency/tray/<uuid:pk>/attach/", channels.attach, name="attach"),
    path("agency/tray/<uuid:pk>/file/", channels.file_new, name="file"),
    path("agency/tray/<uuid:pk>/discard/", channels.discard, name="discard"),
    path("agency/channels/", channels.health, name="health"),
    path("agency/channels/<uuid:pk>/release/", channels.release, name="release"),
]
