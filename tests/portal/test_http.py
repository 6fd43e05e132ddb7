"""The outgoing door over TLS: the address is pinned, the certificate is still the host's."""

import socket
import ssl
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
import pytest

from portal import http
from tests.certificates import certificate

Client = httpx2.Client  # the real one, whatever a test puts in its place


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.hosts.append(self.headers["Host"])
        body = b'{"ok": true}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def serve(tmp_path, settings, monkeypatch):
    """Start a TLS server with a certificate for ``host``; returns (server, names asked by SNI)."""
    running = []

    def start(host: str):
        both, public = certificate(host, tmp_path)
        server = HTTPServer(("127.0.0.1", 0), Handler)
        server.hosts, asked = [], []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        context.sni_callback = lambda connection, name, context: asked.append(name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        running.append(server)
        trusted = ssl.create_default_context(cadata=public)
        monkeypatch.setattr(http.httpx2, "Client", partial(Client, verify=trusted))
        return server, asked

    def resolve(host, port, *args, **more):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    settings.PALIER_HTTP_HOSTS = ["api.example"]
    settings.PALIER_HTTP_PRIVATE = True
    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.mark.real_clock  # TLS reads the dates of a certificate by the real clock
def test_a_pinned_address_answers_for_its_host(serve):
    server, asked = serve("api.example")
    answer = http.request("GET", f"https://api.example:{server.server_port}/")
    assert http.json_object(answer) == {"ok": True}
    assert asked == ["api.example"]
    assert server.hosts == [f"api.example:{server.server_port}"]


def test_the_certificate_of_another_host_is_refused(serve):
    server, _asked = serve("other.example")
    with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        http.request("GET", f"https://api.example:{server.server_port}/")
    assert server.hosts == []


def test_a_certificate_that_nobody_vouches_for_is_refused(serve, monkeypatch):
    server, _asked = serve("api.example")
    monkeypatch.setattr(http.httpx2, "Client", Client)
    with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        http.request("GET", f"https://api.example:{server.server_port}/")
    assert server.hosts == []
