"""Photos for one request: the link to send them by, and the button that asks for them."""

from django.urls import path

from requests.tenant_pages import photo_views

app_name = "photos"
urlpatterns = [
    path("photos/<token:token>/", photo_views.photos, name="photo_link"),
    path("agency/photos/<uuid:pk>/ask/", photo_views.ask, name="ask_photo"),
]
