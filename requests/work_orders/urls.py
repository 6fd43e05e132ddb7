"""Staff pages of work orders."""

from django.urls import path

from requests.closing import views as ending
from requests.work_orders import views as work

urlpatterns = [
    path("closing/", ending.attempts, name="closing_attempts"),
    path("closing/<int:pk>/", ending.attempt, name="closing_attempt"),
    path("claim/<uuid:pk>/new/", work.new, name="work_new"),
    path("claim/<uuid:pk>/said/", ending.said, name="feedback_said"),
    path("<uuid:pk>/", work.order, name="work_order"),
    path("<uuid:pk>/order.pdf", work.as_pdf, name="work_pdf"),
    path("<uuid:pk>/offer/", work.offer, name="work_offer"),
    path("<uuid:pk>/pick/", work.pick, name="work_pick"),
    path("<uuid:pk>/book/", work.book, name="work_book"),
    path("<uuid:pk>/revoke/", work.revoke, name="work_revoke"),
    path("<uuid:pk>/do/<slug:transition>/", work.act, name="work_act"),
]
