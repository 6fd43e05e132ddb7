"""The rules that send claims to desks: read, composed, rehearsed, switched."""

from django.urls import path, register_converter

from requests.views import rules


class Switch:
    """``on`` or ``off``."""

    regex = "on|off"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Way(Switch):
    """``up`` or ``down``."""

    regex = "up|down"


register_converter(Switch, "switch")
register_converter(Way, "way")

app_name = "rules"
urlpatterns = [
    path("", rules.index, name="index"),
    path("new/", rules.compose, name="new"),
    path("<uuid:pk>/", rules.rule, name="rule"),
    path("<uuid:pk>/change/", rules.compose, name="change"),
    path("<uuid:pk>/switch/<switch:state>/", rules.switch, name="switch"),
    path("<uuid:pk>/move/<way:way>/", rules.move, name="move"),
    path("<uuid:pk>/restore/<int:version>/", rules.restore, name="restore"),
]
