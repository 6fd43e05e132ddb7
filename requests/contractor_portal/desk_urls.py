"""Pages of a contractor's people who sign in; the pages of an order are the same as by link."""

from django.urls import path

from requests.contractor_portal import desk_views, slot_views
from requests.contractor_portal import views as contractor

app_name = "jobs"
urlpatterns = [
    path("", desk_views.orders, name="list"),
    path("calendar/", desk_views.calendar, name="calendar"),
    path("calendar/new/", desk_views.new_feed, name="new_feed"),
    path("team/", desk_views.team, name="team"),
    path("team/invite/", desk_views.invite, name="invite"),
    path("team/<int:pk>/end/", desk_views.leave, name="leave"),
    path("slots/", slot_views.slots, name="slots"),
    path("slots/<slug:name>/add/", slot_views.add, name="slots_add"),
    path("slots/<slug:name>/<int:pk>/drop/", slot_views.drop, name="slots_drop"),
    path("<uuid:pk>/", contractor.own_job, name="order"),
    path("<uuid:pk>/details/", contractor.own_details, name="details"),
    path("<uuid:pk>/step/<slug:name>/", contractor.own_step, name="step"),
    path("<uuid:pk>/photo/<uuid:file>/", contractor.own_photo, name="photo"),
    path("<uuid:pk>/<slug:name>/", contractor.own_act, name="act"),
]
