"""Version 1 of the API. A new field is added here; a changed one makes a version 2."""

from django.urls import path, re_path

from requests.api import docs, people_views, reporting_views, views

app_name = "api"
urlpatterns = [
    path("claims/", views.Claims.as_view(), name="claims"),
    path("claims/<uuid:pk>/", views.OneClaim.as_view(), name="claim"),
    path("claims/<uuid:pk>/comments/", views.Comments.as_view(), name="comments"),
    path("claims/<uuid:pk>/confidential/", views.Confidential.as_view(), name="confidential"),
    path("claims/<uuid:pk>/author/", people_views.Author.as_view(), name="author"),
    path("people/<uuid:pk>/contacts/", people_views.PersonPoints.as_view(), name="contact_points"),
    path(
        "people/<uuid:pk>/contacts/<int:number>/",
        people_views.PersonPoint.as_view(),
        name="contact_point",
    ),
    path("me/contacts/", people_views.OwnPoints.as_view(), name="own_contact_points"),
    path("me/contacts/<int:number>/", people_views.OwnPoint.as_view(), name="own_contact_point"),
    path("categories/", views.Categories.as_view(), name="categories"),
    path("units/", views.Units.as_view(), name="units"),
    path("residences/", views.Residences.as_view(), name="residences"),
    path("reporting/", reporting_views.Datasets.as_view(), name="datasets"),
    path("reporting/<slug:name>/", reporting_views.Lines.as_view(), name="dataset"),
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.docs, name="docs"),
    re_path(r"^", views.UnknownAddress.as_view(), name="nothing"),
]
