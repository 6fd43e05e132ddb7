"""The tenant's pages about a visit, opened by the link that came with the offer."""

from django.urls import path

from requests.tenant_pages import visit_views

urlpatterns = [
    path("<token:token>/", visit_views.visit, name="visit"),
    path("<token:token>/call/", visit_views.call, name="visit_call"),
    path("<token:token>/change/", visit_views.change, name="visit_change"),
    path("<token:token>/visit.ics", visit_views.visit_ics, name="visit_ics"),
]
