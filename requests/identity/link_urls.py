"""Routes of the notice of a linked account."""

from django.urls import path

from requests.identity import link_views

urlpatterns = [path("end-link/<token:token>/", link_views.end_link, name="end_link")]
