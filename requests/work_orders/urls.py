"""Addresses of the staff pages of work orders."""

from django.urls import path

from requests.work_orders import offer_views, views

urlpatterns = [
    path("claim/<uuid:pk>/new/", views.new, name="work_new"),
    path("<uuid:pk>/", views.order, name="work_order"),
    path("<uuid:pk>/order.pdf", views.as_pdf, name="work_pdf"),
    path("<uuid:pk>/offer/", offer_views.offer, name="work_offer"),
    path("<uuid:pk>/pick/", views.pick, name="work_pick"),
    path("<uuid:pk>/book/", views.book, name="work_book"),
    path("<uuid:pk>/revoke/", views.revoke, name="work_revoke"),
    path("<uuid:pk>/do/<slug:transition>/", views.act, name="work_act"),
]
