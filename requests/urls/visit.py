"""The tenant's pages about a visit, opened by the link that came with the offer."""

from django.urls import path

from requests.views import appointments

urlpatterns = [
    path("<str:token>/", appointments.visit, name="visit"),
    path("<str:token>/call/", appointments.call, name="visit_call"),
    path("<str:token>/change/", appointments.change, name="visit_change"),
    path("<str:token>/visit.ics", appointments.visit_ics, name="visit_ics"),
]
