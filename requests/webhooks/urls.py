"""Addresses of webhooks, in the landlord's console."""

from django.urls import path

from requests.webhooks import views

app_name = "hooks"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.add, name="add"),
    path("<int:pk>/", views.endpoint, name="endpoint"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/test/", views.test, name="test"),
    path("<int:pk>/switch/", views.switch, name="switch"),
    path("<int:pk>/secret/", views.renew, name="renew"),
    path("<int:pk>/failed/", views.replay_failed, name="replay_failed"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("message/<uuid:pk>/", views.replay, name="replay"),
]
