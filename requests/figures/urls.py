"""Routes of figures per unit, and of the claims that each figure counts."""

from django.urls import path

from requests.figures import views

app_name = "head_office"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("claims/", views.claims, name="claims"),
    path("annotate/", views.annotate, name="annotate"),
    path("annotate/<int:annotation>/withdraw/", views.withdraw, name="withdraw"),
    path("figures.csv", views.as_csv, name="csv"),
]
