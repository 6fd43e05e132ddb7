"""Routes of duplicate records and mandates, for the desks."""

from django.urls import path

from requests.identity import contact_views, views

app_name = "identity"
urlpatterns = [
    path("", views.index, name="index"),
    path("person/<uuid:pk>/", views.person, name="person"),
    path("person/<uuid:pk>/contacts/", contact_views.person, name="contacts"),
    path("person/<uuid:pk>/contacts/<slug:what>/", contact_views.edit_person, name="edit_contacts"),
    path("contacts/<int:pk>/<slug:way>/", contact_views.staff_point, name="point"),
    path("changes/", contact_views.changes, name="changes"),
    path("changes/<int:pk>/<slug:way>/", contact_views.decide_change, name="decide_change"),
    path("needs/<int:pk>/keep/", contact_views.staff_need, name="keep_need"),
    path("mandates/<uuid:pk>/end/", views.end_mandate, name="end_mandate"),
    path("merges/<uuid:key>/", views.show_merge, name="merged"),
    path("merges/<uuid:key>/undo/", views.undo, name="undo"),
    path("<uuid:kept>/<uuid:absorbed>/", views.preview, name="preview"),
    path("<uuid:kept>/<uuid:absorbed>/merge/", views.merge, name="merge"),
    path("<uuid:kept>/<uuid:absorbed>/different/", views.declare_distinct, name="different"),
]
