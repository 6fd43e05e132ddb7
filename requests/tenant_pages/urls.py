"""The signed-in tenant's space."""

from django.urls import path

from requests.audit import views as audit_views
from requests.identity import contact_views, proxy_views
from requests.tenant_pages import account_views, complaint_views
from requests.tenant_pages import views as tenant

app_name = "my"
urlpatterns = [
    path("", tenant.home, name="home"),
    path("dwelling/", account_views.dwelling, name="dwelling"),
    path("dwelling/code/", account_views.dwelling_code, name="dwelling_code"),
    path("dwelling/check/", account_views.dwelling_check, name="dwelling_check"),
    path("proxies/", proxy_views.mandates_given, name="proxies"),
    path("proxies/<uuid:mandate>/code/", proxy_views.confirm, name="proxy_code"),
    path("proxies/<uuid:mandate>/end/", proxy_views.revoke, name="proxy_end"),
    path("contacts/", contact_views.mine, name="contacts"),
    path("contacts/edit/<slug:what>/", contact_views.edit_mine, name="edit_contacts"),
    path("contacts/<int:pk>/<slug:way>/", contact_views.answer_point, name="answer_point"),
    path("needs/<int:pk>/<slug:way>/", contact_views.answer_need, name="answer_need"),
    path("readers/", audit_views.readers, name="readers"),
    path("<uuid:claim>/", tenant.claim, name="claim"),
    path("<uuid:claim>/write/", tenant.write, name="write"),
    path("<uuid:claim>/do/<slug:transition>/", tenant.act, name="act"),
    path("<uuid:claim>/news/", tenant.news, name="news"),
    path("<uuid:claim>/complain/", complaint_views.complain, name="complain"),
    path("<uuid:claim>/print/", tenant.letter, name="print"),
    path("<uuid:claim>/qr/", tenant.qr, name="qr"),
    path("<uuid:claim>/confidential/", tenant.confidential, name="confidential"),
    path("<uuid:claim>/link/<slug:what>/", tenant.link, name="link"),
    path("<uuid:claim>/files/<uuid:file>/", tenant.file, name="file"),
]
