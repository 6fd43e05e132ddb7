"""Addresses of the sign-on; the provider knows the one of ``callback``."""

from django.urls import path

from portal.signon import views

urlpatterns = [
    path("start/", views.start, name="signon_start"),
    path("callback/", views.callback, name="signon_callback"),
    path("connect/", views.connect, name="signon_connect"),
    path("link/", views.link, name="signon_link"),
    path("ended/", views.ended, name="signon_ended"),
]
