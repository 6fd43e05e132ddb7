"""Routes opened by link at the end of a request: feedback, the proof and its check."""

from django.urls import path

from requests.closing import views

urlpatterns = [
    path("feedback/<token:token>/", views.feedback, name="feedback"),
    path("proof/of/<token:token>/", views.dossier, name="dossier"),
    path("proof/<token:sha256>/", views.proof_check, name="proof_check"),
]
