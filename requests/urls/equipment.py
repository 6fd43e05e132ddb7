"""Machines: their list, their log, their label; and the public page behind the label."""

from django.urls import path

from requests.views import equipment

app_name = "equipment"
urlpatterns = [
    path("equipment/", equipment.listing, name="list"),
    path("equipment/list.csv", equipment.list_csv, name="list_csv"),
    path("equipment/<int:pk>/", equipment.log, name="log"),
    path("equipment/<int:pk>/log.csv", equipment.log_csv, name="log_csv"),
    path("equipment/<int:pk>/label.pdf", equipment.label, name="label"),
    path("equipment/<int:pk>/visit/", equipment.record, name="record"),
    path("e/<slug:code>/", equipment.public, name="public"),
]
