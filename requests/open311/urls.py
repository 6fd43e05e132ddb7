"""Routes of GeoReport v2 in its two formats; the format is part of each address."""

from django.urls import path, re_path

from requests.open311 import views

app_name = "open311"
urlpatterns = [
    path(f"{route}.{form}", view, {"form": form}, name=f"{view.__name__}_{form}")
    for form in ("json", "xml")
    for route, view in (
        ("discovery", views.discovery),
        ("services", views.service_list),
        ("services/<slug:code>", views.service),
        ("requests", views.requests),
        ("servicerequestupdates", views.updates),
        ("requests/<slug:number>", views.shared_fault),
        ("tokens/<uuid:token>", views.token),
    )
]
urlpatterns.append(re_path(r"^", views.not_found, name="nothing"))
