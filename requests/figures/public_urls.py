"""Routes of the pages for everybody, for companies and for tenants' representatives."""

from django.urls import path

from requests.figures import partner_views, public_views

urlpatterns = [
    path("kept-promises/", public_views.kept_promises, name="kept_promises"),
    path("open-data/", public_views.open_data, name="open_data"),
    path("open-data/datapackage.json", public_views.open_package, name="open_package"),
    path("open-data/<slug:table>.csv", public_views.open_table, name="open_table"),
    path("residents/", partner_views.of_residents, name="residents"),
    path("jobs/figures/", partner_views.of_company, name="company_figures"),
    path("jobs/figures/orders/", partner_views.company_orders, name="company_orders"),
]
