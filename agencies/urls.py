"""URLs of the housing stock: browse it, and import files."""

from django.urls import path

from agencies.views import imports, stock

app_name = "stock"
urlpatterns = [
    path("", stock.browse, name="browse"),
    path("residences/<int:pk>/", stock.residence, name="residence"),
    path("buildings/<int:pk>/", stock.building, name="building"),
    path("staircases/<int:pk>/", stock.staircase, name="staircase"),
    path("dwellings/<int:pk>/", stock.dwelling, name="dwelling"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<uuid:pk>/", imports.run, name="import"),
    path("imports/<uuid:pk>/apply/", imports.apply, name="import_apply"),
    path("imports/<uuid:pk>/rejects.csv", imports.rejects, name="import_rejects"),
    path("imports/template/<slug:code>.csv", imports.template, name="import_template"),
]
