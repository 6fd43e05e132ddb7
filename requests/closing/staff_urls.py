"""Routes for staff at the end of a request: attempts to hear the tenant, feedback by phone."""

from django.urls import path

from requests.closing import views

urlpatterns = [
    path("closing/", views.attempts, name="closing_attempts"),
    path("closing/<int:pk>/", views.attempt, name="closing_attempt"),
    path("claim/<uuid:pk>/said/", views.record_feedback, name="feedback_said"),
]
