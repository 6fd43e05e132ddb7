"""Routes of equipment: the list, the log, the label, and the public page behind the label."""

from django.urls import path

from requests.equipment import views

app_name = "equipment"
urlpatterns = [
    path("equipment/", views.listing, name="list"),
    path("equipment/list.csv", views.list_csv, name="list_csv"),
    path("equipment/<int:pk>/", views.log, name="log"),
    path("equipment/<int:pk>/log.csv", views.log_csv, name="log_csv"),
    path("equipment/<int:pk>/label.pdf", views.label, name="label"),
    path("equipment/<int:pk>/visit/", views.record, name="record"),
    path("e/<slug:code>/", views.public, name="public"),
]
