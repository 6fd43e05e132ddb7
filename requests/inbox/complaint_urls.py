"""What staff record on a claim about the service itself."""

from django.urls import path

from requests.inbox import complaint_views

urlpatterns = [
    path("<uuid:pk>/complaint/", complaint_views.heard, name="complaint_heard"),
    path("<uuid:pk>/notice/", complaint_views.notice, name="formal_notice"),
]
