"""Pages that only a demonstration has."""

from django.urls import path

from requests.views import demo

app_name = "demo"
urlpatterns = [
    path("", demo.logins, name="logins"),
    path("phones/", demo.phones, name="phones"),
    path("mail/", demo.mails, name="mails"),
    path("mail/<slug:name>/", demo.mail, name="mail"),
]
