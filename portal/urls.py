"""The only place that joins the apps' URLs."""

from django.contrib import admin
from django.urls import include, path

from portal import views

urlpatterns = [
    path("", include("requests.urls.public")),
    path("", include("requests.urls.ending")),
    path("agency/incidents/", include("requests.urls.incidents")),
    path("agency/", include("requests.urls.agency")),
    path("job/", include("requests.urls.contractor")),
    path("work/", include("requests.urls.work")),
    path("visit/", include("requests.urls.visit")),
    path("head-office/", include("requests.urls.head_office")),
    path("enter/", views.enter, name="enter"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("settings/", admin.site.urls),
]
