"""Pages that only a demonstration has."""

from django.urls import path

from requests.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.logins, name="logins"),
    path("phones/", views.phones, name="phones"),
    path("mail/", views.mails, name="mails"),
    path("mail/<slug:name>/", views.mail, name="mail"),
]
