"""The pages of a contractor's people who sign in; the orders' own pages are those of the links."""

from django.urls import path

from requests.views import contractor, contractor_desk, contractor_slots

app_name = "jobs"
urlpatterns = [
    path("", contractor_desk.orders, name="list"),
    path("calendar/", contractor_desk.calendar, name="calendar"),
    path("calendar/new/", contractor_desk.new_feed, name="new_feed"),
    path("team/", contractor_desk.team, name="team"),
    path("team/invite/", contractor_desk.invite, name="invite"),
    path("team/<int:pk>/end/", contractor_desk.leave, name="leave"),
    path("slots/", contractor_slots.slots, name="slots"),
    path("slots/<slug:name>/add/", contractor_slots.add, name="slots_add"),
    path("slots/<slug:name>/<int:pk>/drop/", contractor_slots.drop, name="slots_drop"),
    path("<uuid:pk>/", contractor.own_job, name="order"),
    path("<uuid:pk>/details/", contractor.own_details, name="details"),
    path("<uuid:pk>/step/<slug:name>/", contractor.own_step, name="step"),
    path("<uuid:pk>/photo/<uuid:file>/", contractor.own_photo, name="photo"),
    path("<uuid:pk>/<slug:name>/", contractor.own_act, name="act"),
]
