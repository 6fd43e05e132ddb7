"""The space of somebody who acts for a tenant."""

from django.urls import path

from requests.views import proxies

app_name = "proxy"
urlpatterns = [
    path("", proxies.home, name="home"),
    path("accept/<uuid:mandate>/", proxies.accept, name="accept"),
    path("file/<uuid:mandate>/", proxies.file, name="file"),
    path("<uuid:claim>/", proxies.claim, name="claim"),
    path("<uuid:claim>/write/", proxies.write, name="write"),
    path("<uuid:claim>/do/<slug:transition>/", proxies.act, name="act"),
]
