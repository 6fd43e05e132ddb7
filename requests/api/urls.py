"""Version 1 of the API. A new field is added here; a changed one makes a version 2."""

from django.urls import path, re_path

from requests.api import docs, views

app_name = "api"
urlpatterns = [
    path("claims/", views.Claims.as_view(), name="claims"),
    path("claims/<uuid:pk>/", views.OneClaim.as_view(), name="claim"),
    path("claims/<uuid:pk>/comments/", views.Comments.as_view(), name="comments"),
    path("claims/<uuid:pk>/confidential/", views.Confidential.as_view(), name="confidential"),
    path("categories/", views.Categories.as_view(), name="categories"),
    path("units/", views.Units.as_view(), name="units"),
    path("residences/", views.Residences.as_view(), name="residences"),
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.docs, name="docs"),
    re_path(r"^", views.UnknownAddress.as_view(), name="nothing"),
]
