"""The agency's inbox; the three panes share one page."""

from django.urls import path

from requests.inbox import (
    access_views,
    attention_views,
    file_views,
    incident_views,
    label_views,
    list_views,
    proposal_views,
    record_views,
    writing_views,
)
from requests.inbox import views as agency

app_name = "agency"
urlpatterns = [
    path("", list_views.listing, name="inbox"),
    path("undo/", agency.undo_steps, name="undo"),
    path("bulk/", list_views.bulk, name="bulk"),
    path("display/", list_views.display, name="display"),
    path("mails/", list_views.mails, name="mails"),
    path("given/", list_views.given_seen, name="given_seen"),
    path("views/", list_views.save_view, name="save_view"),
    path("files/<uuid:pk>/", file_views.file, name="file"),
    path("people/<uuid:pk>/", record_views.tenant, name="tenant"),
    path("people/<uuid:pk>/end-access/", access_views.end_access, name="end_access"),
    path("access-ends/<uuid:pk>/undo/", access_views.undo_end, name="undo_end"),
    path("dwellings/<int:pk>/", record_views.dwelling, name="dwelling"),
    path("incident/<uuid:pk>/", incident_views.incident, name="incident"),
    path("<uuid:pk>/", agency.claim, name="claim"),
    path("<uuid:pk>/sms/", writing_views.sms_frames, name="sms"),
    path("<uuid:pk>/message/", writing_views.message, name="message"),
    path("<uuid:pk>/called/", writing_views.record_call, name="called"),
    path("<uuid:pk>/noted/", writing_views.record_answer, name="noted"),
    path("<uuid:pk>/mentions/", writing_views.mark_mentions_seen, name="mentions_seen"),
    path("<uuid:pk>/here/", agency.presence, name="here"),
    path("<uuid:pk>/confidential/", access_views.make_confidential, name="confidential"),
    path("<uuid:pk>/link/close/", access_views.close_link, name="close_link"),
    path("<uuid:pk>/link/new/", access_views.renew_link, name="renew_link"),
    path("<uuid:pk>/place/", record_views.relocate, name="relocate"),
    path("<uuid:pk>/tenant/", record_views.identify, name="identify"),
    path("<uuid:pk>/not-author/", record_views.not_author, name="not_author"),
    path("<uuid:pk>/mail/<uuid:message>/", file_views.mail, name="mail"),
    path("<uuid:pk>/why/", proposal_views.explain_routing, name="why"),
    path("<uuid:pk>/accept-order/", proposal_views.accept_order, name="accept_order"),
    path("<uuid:pk>/labels/", label_views.labels, name="labels"),
    path("<uuid:pk>/give/", attention_views.give, name="give"),
    path("<uuid:pk>/aside/", attention_views.put_aside, name="put_aside"),
    path("<uuid:pk>/bring-back/", attention_views.bring_back, name="bring_back"),
    path("<uuid:pk>/follow/", attention_views.follow, name="follow"),
    path("<uuid:pk>/<slug:transition>/", agency.act, name="act"),
]
