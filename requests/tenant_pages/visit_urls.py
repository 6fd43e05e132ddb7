"""The tenant's pages about a visit, opened by the link that came with the offer."""

from django.urls import path

from requests.tenant_pages import visit_views

urlpatterns = [
    path("<str:token>/", visit_views.visit, name="visit"),
    path("<str:token>/call/", visit_views.call, name="visit_call"),
    path("<str:token>/change/", visit_views.change, name="visit_change"),
    path("<str:token>/visit.ics", visit_views.visit_ics, name="visit_ics"),
]
