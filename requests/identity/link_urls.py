"""Routes of the notice of a linked account, and of the question about a contact point."""

from django.urls import path

from requests.identity import contact_views, link_views

urlpatterns = [
    path("end-link/<token:token>/", link_views.end_link, name="end_link"),
    path("contact/<token:token>/", contact_views.by_link, name="contact_check"),
]
