"""Routes of the notices that everybody may read."""

from django.urls import path

from requests.privacy import notice_views

urlpatterns = [
    path("data-protection/", notice_views.privacy_notice, name="privacy_notice"),
    path("legal/", notice_views.legal_notice, name="legal_notice"),
]
