"""The agency's inbox; the three panes share one page."""

from django.urls import path

from requests.views import agency, agency_rounds

app_name = "agency"
urlpatterns = [
    path("", agency.inbox, name="inbox"),
    path("rounds/", agency_rounds.index, name="rounds"),
    path("rounds/check/<uuid:pk>/", agency_rounds.decide_check, name="decide_check"),
    path("rounds/photo/<uuid:pk>/", agency_rounds.photo, name="round_photo"),
    path("rounds/correction/<int:pk>/", agency_rounds.decide_correction, name="decide_correction"),
    path("<uuid:pk>/", agency.claim, name="claim"),
    path("<uuid:pk>/message/", agency.message, name="message"),
    path("<uuid:pk>/<slug:transition>/", agency.act, name="act"),
]
