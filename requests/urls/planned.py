"""Planned works, for staff."""

from django.urls import path

from requests.views import planned

urlpatterns = [
    path("", planned.listing, name="planned_list"),
    path("new/", planned.new, name="planned_new"),
    path("<uuid:pk>/", planned.works, name="planned"),
    path("<uuid:pk>/change/", planned.change, name="planned_change"),
    path("<uuid:pk>/cancel/", planned.cancel, name="planned_cancel"),
    path("<uuid:pk>/handed/", planned.handed, name="planned_handed"),
    path("<uuid:pk>/poster.pdf", planned.poster, name="planned_poster"),
    path("<uuid:pk>/letters.pdf", planned.letters, name="planned_letters"),
]
