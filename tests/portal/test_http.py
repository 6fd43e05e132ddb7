"""The outgoing door: a pinned address under its host's certificate, and an answer in time."""

import contextlib
import gzip
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

import httpx2
import pytest

from portal import http
from tests.certificates import certificate

trusted_by_the_system = http._trusted  # the real one, whatever a test puts in its place


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
        monkeypatch.setattr(http, "_trusted", lambda: trusted)
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
    monkeypatch.setattr(http, "_trusted", trusted_by_the_system)
    with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        http.request("GET", f"https://api.example:{server.server_port}/")
    assert server.hosts == []


def test_the_authorities_are_read_once(monkeypatch):
    """They take more processor than a request does."""
    made = []
    monkeypatch.setattr(http.httpx2, "create_ssl_context", lambda **how: made.append(how) or True)
    trusted_by_the_system.cache_clear()
    try:
        assert http._trusted() is http._trusted()
        assert made == [{"trust_env": False}]
    finally:
        trusted_by_the_system.cache_clear()


class Packed(BaseHTTPRequestHandler):
    """Packs every answer, as many servers do for whoever can unpack."""

    def do_POST(self):
        body = gzip.compress(b'{"ok": true}')
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Dripping(Packed):
    """Sends a byte now and then: within its headers, its body, or a body without a length."""

    def do_POST(self):
        begun = {
            "/headers": b"HTTP/1.1 200 OK\r\nX-Slow: ",
            "/body": b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
            "/open": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        }
        self.wfile.write(begun[self.path])
        with contextlib.suppress(OSError):
            for _byte in range(500):
                self.wfile.write(b"x")
                self.wfile.flush()
                self.server.stopped.wait(0.02)
        self.close_connection = True


@pytest.fixture
def plain(settings):
    """Start a server in clear on this machine; returns its address."""
    settings.PALIER_HTTP_HOSTS, settings.PALIER_HTTP_PRIVATE = ["127.0.0.1"], True
    running = []

    def start(handler) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.stopped = threading.Event()
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in running:
        server.stopped.set()
        server.shutdown()
        server.server_close()


def test_a_packed_answer_is_unpacked_once(plain):
    answer = http.request("POST", plain(Packed) + "/")
    assert http.json_object(answer) == {"ok": True}
    assert answer.headers["retry-after"] == "7"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/headers", "/body", "/open"])
def test_a_server_that_drips_is_cut_off(plain, monkeypatch, path):
    monkeypatch.setattr(http, "LONGEST", 0.2)
    with pytest.raises(httpx2.ReadTimeout, match="took more than"):
        http.request("POST", plain(Dripping) + path)


@pytest.mark.real_clock
def test_over_tls_too(serve, monkeypatch):
    server, _asked = serve("api.example")
    monkeypatch.setattr(http, "LONGEST", 2.0)  # after the greeting, on a slow machine too
    told = threading.Event()
    monkeypatch.setattr(Handler, "end_headers", lambda self: told.wait(60))
    with pytest.raises(httpx2.ReadTimeout, match="took more than"):
        http.request("GET", f"https://api.example:{server.server_port}/")
    told.set()
