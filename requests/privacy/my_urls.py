"""Routes of the tenant's page about their data."""

from django.urls import path

from requests.privacy import tenant_views

app_name = "my_data"
urlpatterns = [
    path("", tenant_views.home, name="home"),
    path("ask/", tenant_views.ask, name="ask"),
    path("<uuid:pk>/withdraw/", tenant_views.withdraw, name="withdraw"),
    path("copies/<uuid:pk>/file/", tenant_views.download, name="download"),
]
