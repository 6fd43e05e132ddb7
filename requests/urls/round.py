"""The caretaker's round: one phone, one hand, often no network."""

from django.urls import path

from requests.views import round, round_app

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
    path("shell/", round_app.shell, name="shell"),
    path("offline/", round_app.offline, name="offline"),
    path("sw.js", round_app.worker, name="worker"),
    path("manifest.webmanifest", round_app.manifest, name="manifest"),
]
