"""Public pages: filing and following, no account needed."""

from django.urls import path

from requests.identity import own_proof_views
from requests.tenant_pages import (
    complaint_views,
    find_views,
    hall_views,
    link_views,
    public_views,
)
from requests.tenant_pages.filing import check, reach, what, where, words

urlpatterns = [
    path("", public_views.home, name="home"),
    path("file/", what.what, name="file_what"),
    path("file/search/", what.search, name="file_search"),
    path("file/fault/<slug:tile>/", what.fault, name="file_fault"),
    path("file/family/<slug:family>/", what.family, name="file_family"),
    path("file/danger/", what.danger, name="file_danger"),
    path("file/forget/", what.forget, name="file_forget"),
    path("file/leave/", what.leave, name="file_leave"),
    path("file/yours/", what.tenant_upkeep, name="file_yours"),
    path("file/where/", where.where, name="file_where"),
    path("file/already/", where.already_reported, name="file_already"),
    path("file/words/", words.words, name="file_words"),
    path("file/photos/<uuid:file>/", words.draft_file, name="file_photo"),
    path("file/reach/", reach.reach, name="file_reach"),
    path("file/check/", check.check, name="file_check"),
    path("find/", find_views.find_request, name="find_request"),
    path("find/code/", find_views.find_code, name="find_code"),
    path("s/<token:token>/", link_views.follow, name="follow"),
    path("s/<token:token>/write/", link_views.follow_write, name="follow_write"),
    path("s/<token:token>/do/<slug:transition>/", link_views.follow_act, name="follow_act"),
    path("s/<token:token>/me/", own_proof_views.say_who, name="follow_me"),
    path("s/<token:token>/news/", link_views.follow_news, name="follow_news"),
    path("s/<token:token>/complain/", complaint_views.follow_complain, name="follow_complain"),
    path("s/<token:token>/print/", link_views.follow_print, name="follow_print"),
    path("s/<token:token>/qr/", link_views.follow_qr, name="follow_qr"),
    path(
        "s/<token:token>/confidential/", link_views.follow_confidential, name="follow_confidential"
    ),
    path("s/<token:token>/link/<slug:what>/", link_views.follow_link, name="follow_link"),
    path("s/<token:token>/files/<uuid:file>/", link_views.follow_file, name="follow_file"),
    path("hall/<slug:code>/", hall_views.hall, name="hall"),
    path("look.css", public_views.look, name="look"),
    path("talk/", public_views.talk, name="talk"),
    path("accessibility/", public_views.accessibility, name="accessibility"),
]
