"""The addresses of the map."""

from django.urls import path

from requests.stock_map import file_views, views

urlpatterns = [
    path("", views.show, name="stock_map"),
    path("places.json", views.places, name="stock_map_places"),
    path("streets.pmtiles", file_views.file, name="stock_map_file"),
]
