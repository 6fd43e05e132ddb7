"""The only place that joins the apps' URLs."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from portal import views

# The admin site's own form knows neither second factor nor rate limit.
admin.site.login = secure_admin_login(admin.site.login)

handler403 = "portal.problems.forbidden"
handler404 = "portal.problems.not_found"
handler500 = "portal.problems.server_error"

urlpatterns = [
    path("", include("requests.urls.public")),
    path("agency/rules/", include("requests.urls.rules")),
    path("agency/doubles/", include("requests.urls.identity")),
    path("agency/suggestions/", include("requests.urls.suggestions")),
    path("", include("requests.urls.complaints")),
    path("agency/sharing/", include("requests.urls.sharing")),
    path("agency/help/", include("requests.urls.help")),
    path("agency/absences/", include("requests.urls.absences")),
    path("my/", include("requests.urls.tenant")),
    path("", include("requests.urls.channels")),
    path("", include("requests.urls.doors")),
    path("calls/", include("requests.urls.calls")),
    path("", include("requests.urls.ending")),
    path("agency/letters/", include("requests.urls.letters")),
    path("agency/planned/", include("requests.urls.planned")),
    path("agency/incidents/", include("requests.urls.incidents")),
    path("", include("requests.urls.equipment")),
    path("proxy/", include("requests.urls.proxy")),
    path("agency/", include("requests.urls.agency")),
    path("job/", include("requests.urls.contractor")),
    path("jobs/", include("requests.urls.contractor_desk")),
    path("work/", include("requests.urls.work")),
    path("visit/", include("requests.urls.visit")),
    path("round/", include("requests.urls.round")),
    path("head-office/", include("requests.urls.head_office")),
    path("stock/", include("agencies.urls")),
    path("health/", include("requests.urls.operations")),
    path("demo/", include("requests.urls.demo")),
    path("enter/", views.enter, name="enter"),
    path("kept/", views.kept_text, name="kept"),
    path("api/v1/", include("requests.api.urls")),
    path("open311/v2/", include("requests.api.georeport.urls")),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("settings/", admin.site.urls),
]
