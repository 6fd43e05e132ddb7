"""Public pages: filing and following, no account needed."""

from django.urls import path

from requests.views import public

urlpatterns = [
    path("", public.home, name="home"),
    path("file/", public.what, name="file_what"),
    path("file/fault/<slug:tile>/", public.fault, name="file_fault"),
    path("file/danger/", public.danger, name="file_danger"),
    path("file/where/", public.where, name="file_where"),
    path("file/words/", public.words, name="file_words"),
    path("file/reach/", public.reach, name="file_reach"),
    path("file/check/", public.check, name="file_check"),
    path("s/<str:token>/", public.follow, name="follow"),
    path("s/<str:token>/write/", public.follow_write, name="follow_write"),
    path("s/<str:token>/do/<slug:transition>/", public.follow_act, name="follow_act"),
    path("talk/", public.talk, name="talk"),
    path("accessibility/", public.accessibility, name="accessibility"),
]
