"""Routes of the notice of a linked account."""

from django.urls import path

from requests.identity import link_views

urlpatterns = [path("not-me/<str:token>/", link_views.not_me, name="not_me")]
