"""Addresses of the pages of routing rules."""

from django.urls import path, register_converter

from requests.routing import views


class Switch:
    """A path part that is ``on`` or ``off``."""

    regex = "on|off"

    def to_python(self, value: str) -> str:
        """Return the value unchanged."""
        return value

    def to_url(self, value: str) -> str:
        """Return the value unchanged."""
        return value


class Way(Switch):
    """A path part that is ``up`` or ``down``."""

    regex = "up|down"


register_converter(Switch, "switch")
register_converter(Way, "way")

app_name = "rules"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.compose, name="new"),
    path("<uuid:pk>/", views.rule, name="rule"),
    path("<uuid:pk>/change/", views.compose, name="change"),
    path("<uuid:pk>/switch/<switch:state>/", views.switch, name="switch"),
    path("<uuid:pk>/move/<way:way>/", views.move, name="move"),
    path("<uuid:pk>/restore/<int:version>/", views.restore, name="restore"),
]
