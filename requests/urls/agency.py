"""The agency's inbox; the three panes share one page."""

from django.urls import path

from requests.views import agency

app_name = "agency"
urlpatterns = [
    path("", agency.inbox, name="inbox"),
    path("<uuid:pk>/", agency.claim, name="claim"),
    path("<uuid:pk>/message/", agency.message, name="message"),
    path("<uuid:pk>/<slug:transition>/", agency.act, name="act"),
]
