"""Routes of data protection, for the officer and the desks."""

from django.urls import path

from requests.privacy import desk_views, rule_views, views

app_name = "privacy"
urlpatterns = [
    path("", views.index, name="index"),
    path("requests/<uuid:pk>/", views.asked, name="request"),
    path("requests/<uuid:pk>/extend/", views.extend, name="extend"),
    path("requests/<uuid:pk>/answer/", views.answer, name="answer"),
    path("requests/<uuid:pk>/note/", views.note, name="note"),
    path("requests/<uuid:pk>/copy/", views.copy, name="copy"),
    path("requests/<uuid:pk>/erase/", views.erase, name="erase"),
    path("requests/<uuid:pk>/hold/", views.hold, name="hold"),
    path("requests/<uuid:pk>/hold/<int:number>/lift/", views.lift, name="lift"),
    path("requests/<uuid:pk>/letter/", views.letter, name="letter"),
    path("copies/<uuid:pk>/file/", views.download, name="download"),
    path("erasures/", views.erasures, name="erasures"),
    path("register/", rule_views.processing, name="register"),
    path("retention/", rule_views.rules, name="retention"),
    path("retention/<slug:code>/", rule_views.change, name="rule"),
    path("for/<uuid:tenant>/", desk_views.log, name="log"),
]
