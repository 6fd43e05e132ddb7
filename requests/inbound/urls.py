"""Webhooks under /hooks/; the tray and the channels' health for staff."""

from django.urls import path

from requests.inbound import views

app_name = "channels"
urlpatterns = [
    path("hooks/mail/<slug:slug>/", views.mail_hook, name="mail_hook"),
    path("hooks/sms/", views.sms_hook, name="sms_hook"),
    path("hooks/sms/provider/", views.sms_provider, name="sms_provider"),
    path("agency/tray/", views.tray, name="tray"),
    path("agency/tray/robots/discard/", views.discard_robots, name="discard_robots"),
    path("agency/tray/<uuid:pk>/", views.entry, name="entry"),
    path("agency/tray/<uuid:pk>/original/", views.original, name="original"),
    path("agency/tray/<uuid:pk>/replay/", views.replay, name="replay"),
    path("agency/tray/<uuid:pk>/attach/", views.attach, name="attach"),
    path("agency/tray/<uuid:pk>/file/", views.file_new, name="file"),
    path("agency/tray/<uuid:pk>/discard/", views.discard, name="discard"),
    path("agency/channels/", views.health, name="health"),
    path("agency/channels/<uuid:pk>/release/", views.release, name="release"),
]
