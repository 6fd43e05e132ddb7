"""Routes of the pages of a proxy."""

from django.urls import path

from requests.identity import proxy_views

app_name = "proxy"
urlpatterns = [
    path("", proxy_views.home, name="home"),
    path("accept/<uuid:mandate>/", proxy_views.accept, name="accept"),
    path("file/<uuid:mandate>/", proxy_views.file, name="file"),
    path("<uuid:claim>/", proxy_views.claim, name="claim"),
    path("<uuid:claim>/files/<uuid:file>/", proxy_views.claim_file, name="claim_file"),
    path("<uuid:claim>/write/", proxy_views.write, name="write"),
    path("<uuid:claim>/do/<slug:transition>/", proxy_views.act, name="act"),
]
