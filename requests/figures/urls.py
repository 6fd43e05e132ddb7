"""Routes of the boards of head office."""

from django.urls import path

from requests.figures import views

app_name = "head_office"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("stock/", views.stock, name="stock"),
]
