"""Routes of planned works for staff."""

from django.urls import path

from requests.planned_works import views

urlpatterns = [
    path("", views.listing, name="planned_list"),
    path("new/", views.new, name="planned_new"),
    path("<uuid:pk>/", views.works, name="planned"),
    path("<uuid:pk>/change/", views.change, name="planned_change"),
    path("<uuid:pk>/cancel/", views.cancel, name="planned_cancel"),
    path("<uuid:pk>/handed/", views.record_handed_notices, name="planned_handed"),
    path("<uuid:pk>/poster.pdf", views.poster, name="planned_poster"),
    path("<uuid:pk>/letters.pdf", views.letters, name="planned_letters"),
]
