"""URLs of the whole portal: the only module that joins those of the apps."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from portal import api_tokens, metrics, not_me, reauthentication, security_txt, views

# The admin site's own sign-in form has neither second factor nor rate limit.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "portal.error_pages.bad_request"
handler403 = "portal.error_pages.forbidden"
handler404 = "portal.error_pages.not_found"
handler500 = "portal.error_pages.server_error"

urlpatterns = [
    path("", include("requests.urls")),
    path("stock/", include("agencies.urls")),
    path("teams/", include("agencies.team_urls")),
    path("enter/", views.enter, name="enter"),
    path("account/", views.account, name="account"),
    path("account/tokens/", api_tokens.tokens, name="api_tokens"),
    path("account/tokens/<int:pk>/revoke/", api_tokens.revoke, name="api_token_revoke"),
    path("confirm/", reauthentication.confirm_code, name="confirm_code"),
    path("not-me/<token:token>/", not_me.not_me, name="not_me"),
    path("signon/", include("portal.signon.urls")),
    path("kept/", views.saved_text_page, name="kept"),
    path(".well-known/security.txt", security_txt.security_txt, name="security_txt"),
    path("metrics", metrics.metrics, name="metrics"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("settings/", admin.site.urls),
]
