"""Addresses of the ready-made replies."""

from django.urls import path

from requests.conversation import ready_reply_views

app_name = "conversation"
urlpatterns = [
    path("", ready_reply_views.replies, name="replies"),
    path("<int:pk>/", ready_reply_views.reply, name="reply"),
    path("<int:pk>/drop/", ready_reply_views.drop, name="reply_drop"),
]
