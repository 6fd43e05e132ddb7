"""Pages at the end of a claim, opened by link."""

from django.urls import path

from requests.closing import views as ending
from requests.incidents import views as incidents
from requests.planned_works import views as planned

urlpatterns = [
    path("feedback/<str:token>/", ending.feedback, name="feedback"),
    path("proof/of/<str:token>/", ending.dossier, name="dossier"),
    path("proof/<str:sha256>/", ending.proof_check, name="proof_check"),
    path("incident/<uuid:pk>/", incidents.public, name="incident_public"),
    path("works/<uuid:pk>/", planned.public, name="planned_public"),
]
