"""Webhooks of the messaging provider and of the public page."""

from django.urls import path

from requests.inbound import webhook_views

app_name = "webhooks"
urlpatterns = [
    path("hooks/whatsapp/", webhook_views.whatsapp_hook, name="whatsapp"),
    path("hooks/page/", webhook_views.page_hook, name="page"),
]
