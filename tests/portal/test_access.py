"""Closed by default: every URL of the project declares its audience, and roles are refused."""

from django.urls import URLPattern, get_resolver

from portal.middleware import checks_itself


def walk(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        else:
            yield from walk(pattern.url_patterns, route)


def test_every_url_declares_its_audience():
    undeclared = [
        route
        for route, view in walk(get_resolver().url_patterns)
        if not hasattr(view, "audience") and not checks_itself(view)
    ]
    assert undeclared == []
