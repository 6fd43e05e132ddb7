"""What staff record on a claim about the service itself."""

from django.urls import path

from requests.inbox import complaint_views

urlpatterns = [
    path("<uuid:pk>/complaint/", complaint_views.file_complaint, name="complaint_heard"),
    path("<uuid:pk>/notice/", complaint_views.file_formal_notice, name="formal_notice"),
]
