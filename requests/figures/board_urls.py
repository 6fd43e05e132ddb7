"""Routes of the boards of agencies, of the claims behind figures, and of what is written there."""

from django.urls import path

from requests.figures import export_views, views, word_views

app_name = "figures"
urlpatterns = [
    path("", views.agency, name="agency"),
    path("claims/", views.claims, name="claims"),
    path("annotate/", word_views.annotate, name="annotate"),
    path("annotate/<int:annotation>/withdraw/", word_views.withdraw, name="withdraw"),
    path("keep/", word_views.keep, name="keep"),
    path("kept/<int:pk>/", word_views.open_kept, name="open"),
    path("kept/<int:pk>/drop/", word_views.drop, name="drop"),
    path("digest/", word_views.digest, name="digest"),
    path("<slug:board>.csv", export_views.as_csv, name="csv"),
    path("<slug:board>.xlsx", export_views.as_xlsx, name="xlsx"),
    path("<slug:board>.pdf", export_views.as_pdf, name="pdf"),
]
