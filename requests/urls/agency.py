"""The agency's inbox; the three panes share one page."""

from django.urls import path

from requests.views import agency, agency_rounds, canned, people, proposed

app_name = "agency"
urlpatterns = [
    path("", agency.listing, name="inbox"),
    path("undo/", agency.take_back, name="undo"),
    path("bulk/", agency.bulk, name="bulk"),
    path("views/", agency.save_view, name="save_view"),
    path("files/<uuid:pk>/", agency.file, name="file"),
    path("people/<uuid:pk>/", people.tenant, name="tenant"),
    path("dwellings/<int:pk>/", people.dwelling, name="dwelling"),
    path("replies/", canned.replies, name="replies"),
    path("replies/<int:pk>/", canned.reply, name="reply"),
    path("replies/<int:pk>/drop/", canned.drop, name="reply_drop"),
    path("rounds/", agency_rounds.index, name="rounds"),
    path("rounds/check/<uuid:pk>/", agency_rounds.decide_check, name="decide_check"),
    path("rounds/photo/<uuid:pk>/", agency_rounds.photo, name="round_photo"),
    path("rounds/correction/<int:pk>/", agency_rounds.decide_correction, name="decide_correction"),
    path("<uuid:pk>/", agency.claim, name="claim"),
    path("<uuid:pk>/message/", agency.message, name="message"),
    path("<uuid:pk>/called/", agency.called, name="called"),
    path("<uuid:pk>/noted/", agency.noted, name="noted"),
    path("<uuid:pk>/mentions/", agency.mentions_seen, name="mentions_seen"),
    path("<uuid:pk>/here/", agency.here, name="here"),
    path("<uuid:pk>/place/", people.relocate, name="relocate"),
    path("<uuid:pk>/tenant/", people.identify, name="identify"),
    path("<uuid:pk>/mail/<uuid:message>/", agency.mail, name="mail"),
    path("<uuid:pk>/why/", proposed.why_here, name="why"),
    path("<uuid:pk>/accept-order/", proposed.accept_order, name="accept_order"),
    path("<uuid:pk>/<slug:transition>/", agency.act, name="act"),
]
