"""Which servers may be connected to, whatever a name is made to lead to."""

import ipaddress
import socket

import pytest

from portal import http, network

PRIVATE = [
    "127.0.0.1",
    "10.0.0.4",
    "169.254.169.254",
    "224.0.0.1",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.4",
    "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:a00:4::1",  # 6to4 of 10.0.0.4
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "ff02::1",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_no_private_machine_is_called_by_any_of_its_addresses(text, settings, monkeypatch):
    assert not network.is_public(ipaddress.ip_address(text))
    settings.PALIER_HTTP_HOSTS, settings.PALIER_HTTP_PRIVATE = ["api.example"], False
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    answer = [(family, socket.SOCK_STREAM, 6, "", (text, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answer)
    with pytest.raises(network.Refused):
        http.request("GET", "https://api.example/")


@pytest.mark.parametrize("text", ["93.184.216.34", "2a01:4f8::1", "64:ff9b::5db8:d822"])
def test_the_open_internet_is_reached(text):
    assert network.is_public(ipaddress.ip_address(text))


def test_another_port_of_a_named_host_is_refused(settings):
    settings.PALIER_HTTP_HOSTS, settings.PALIER_HTTP_PRIVATE = ["api.example"], False
    with pytest.raises(network.Refused, match="not on the list"):
        http.request("GET", "https://api.example:6379/")
