"""Routes of the questionnaire."""

from django.urls import path

from requests.surveys import public_views

urlpatterns = [
    path("", public_views.code, name="survey_code"),
    path("<token:token>/", public_views.answer, name="survey_answer"),
    path("<token:token>/refuse/", public_views.refuse, name="survey_refuse"),
]
