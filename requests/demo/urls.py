"""Pages that only a demonstration has."""

from django.urls import path

from requests.demo import door_views, views

app_name = "demo"
urlpatterns = [
    path("", views.logins, name="logins"),
    path("doors/", door_views.doors_page, name="doors"),
    path("doors/letter/", door_views.letter, name="letter"),
    path("doors/sensors/<slug:slug>/", door_views.measure, name="measure"),
    path("phones/", views.phones, name="phones"),
    path("mail/", views.mails, name="mails"),
    path("mail/<slug:name>/", views.mail, name="mail"),
]
