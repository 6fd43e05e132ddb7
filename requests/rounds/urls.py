"""The caretaker's round, for a phone used with one hand and often without a network."""

from django.urls import path

from requests.rounds import offline_views
from requests.rounds import views as round

app_name = "round"
urlpatterns = [
    path("", round.home, name="home"),
    path("send/", round.send, name="send"),
    path("token/", round.token, name="token"),
    path("tenant/", round.for_tenant, name="tenant"),
    path("building/<int:pk>/", round.building, name="building"),
    path("building/<int:pk>/sheet/", round.sheet, name="sheet"),
    path("qr/<int:pk>/", round.qr, name="qr"),
    path("equipment/<int:pk>/", round.equipment, name="equipment"),
    path("shell/", offline_views.shell, name="shell"),
    path("offline/", offline_views.offline, name="offline"),
    path("sw.js", offline_views.worker, name="worker"),
    path("manifest.webmanifest", offline_views.manifest, name="manifest"),
]
