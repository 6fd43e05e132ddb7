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
    path("", include("requests.tenant_pages.public_urls")),
    path("agency/rules/", include("requests.routing.urls")),
    path("agency/doubles/", include("requests.identity.urls")),
    path("agency/suggestions/", include("requests.suggestions.urls")),
    path("", include("requests.complaints.urls")),
    path("agency/sharing/", include("requests.teamwork.urls")),
    path("agency/help/", include("requests.teamwork.assistance_urls")),
    path("agency/absences/", include("requests.teamwork.absence_urls")),
    path("my/", include("requests.tenant_pages.urls")),
    path("", include("requests.inbound.urls")),
    path("", include("requests.urls_doors")),
    path("calls/", include("requests.calls.urls")),
    path("", include("requests.urls_ending")),
    path("agency/letters/", include("requests.letters.urls")),
    path("agency/planned/", include("requests.planned_works.urls")),
    path("agency/incidents/", include("requests.incidents.urls")),
    path("", include("requests.equipment.urls")),
    path("proxy/", include("requests.identity.proxy_urls")),
    path("agency/", include("requests.inbox.urls")),
    path("job/", include("requests.contractor_portal.urls")),
    path("jobs/", include("requests.contractor_portal.desk_urls")),
    path("work/", include("requests.work_orders.urls")),
    path("visit/", include("requests.tenant_pages.visit_urls")),
    path("round/", include("requests.rounds.urls")),
    path("head-office/", include("requests.figures.urls")),
    path("stock/", include("agencies.urls")),
    path("health/", include("requests.operations.urls")),
    path("demo/", include("requests.demo.urls")),
    path("enter/", views.enter, name="enter"),
    path("kept/", views.kept_text, name="kept"),
    path("api/v1/", include("requests.api.urls")),
    path("open311/v2/", include("requests.open311.urls")),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("settings/", admin.site.urls),
]
