"""Join the addresses of the slices. The order matters only where two patterns could both match."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("requests.tenant_pages.public_urls")),
    path("console/", include("requests.console.urls")),
    path("", include("requests.console.public_urls")),
    path("agency/rules/", include("requests.routing.urls")),
    path("agency/doubles/", include("requests.identity.urls")),
    path("agency/emergency/", include("requests.audit.emergency_urls")),
    path("audit/", include("requests.audit.urls")),
    path("agency/leases/", include("requests.household.urls")),
    path("agency/suggestions/", include("requests.suggestions.urls")),
    path("", include("requests.complaints.urls")),
    path("agency/", include("requests.inbox.complaint_urls")),
    path("agency/sharing/", include("requests.teamwork.urls")),
    path("agency/help/", include("requests.teamwork.assistance_urls")),
    path("agency/absences/", include("requests.teamwork.absence_urls")),
    path("", include("requests.privacy.public_urls")),
    path("my/data/", include("requests.privacy.my_urls")),
    path("privacy/", include("requests.privacy.urls")),
    path("my/", include("requests.tenant_pages.urls")),
    path("", include("requests.inbound.urls")),
    path("", include("requests.tenant_pages.photo_urls")),
    path("", include("requests.calls.missed_call_urls")),
    path("", include("requests.inbound.webhook_urls")),
    path("", include("requests.sensors.urls")),
    path("calls/", include("requests.calls.urls")),
    path("search/", include("requests.search.urls")),
    path("on-call/", include("requests.on_call.urls")),
    path("", include("requests.closing.urls")),
    path("agency/letters/", include("requests.letters.urls")),
    path("agency/planned/", include("requests.planned_works.urls")),
    path("works/", include("requests.planned_works.public_urls")),
    path("agency/incidents/", include("requests.incidents.urls")),
    path("incident/", include("requests.incidents.public_urls")),
    path("", include("requests.equipment.urls")),
    path("proxy/", include("requests.identity.proxy_urls")),
    path("", include("requests.identity.link_urls")),
    path("agency/replies/", include("requests.conversation.urls")),
    path("agency/rounds/", include("requests.rounds.agency_urls")),
    path("agency/", include("requests.inbox.urls")),
    path("job/", include("requests.contractor_portal.urls")),
    path("jobs/", include("requests.contractor_portal.desk_urls")),
    path("work/", include("requests.closing.staff_urls")),
    path("work/", include("requests.work_orders.urls")),
    path("visit/", include("requests.tenant_pages.visit_urls")),
    path("round/", include("requests.rounds.urls")),
    path("head-office/", include("requests.figures.urls")),
    path("health/", include("requests.operations.urls")),
    path("api/v1/", include("requests.api.urls")),
    path("open311/v2/", include("requests.open311.urls")),
]

# Its pages read the catchers of portal/dev, which production never imports.
if settings.DEMO:
    urlpatterns += [path("demo/", include("requests.demo.urls"))]
