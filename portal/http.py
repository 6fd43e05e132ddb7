"""The only module that calls other servers: named hosts, pinned addresses, no redirects.

A provider's address comes from settings, never from a tenant; this is a second protection.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import httpx2
from django.conf import settings

from portal import network
from portal.network import Refused
from portal.transactions import refuse_inside_transaction

TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
LONGEST = 30.0  # seconds from the connection to the end of the answer
LARGEST = 1024 * 1024  # bytes of an answer
# They speak of the answer as it was sent; its body is unpacked and whole here.
OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class TooMuch(Refused):
    """The answer is larger than we accept."""


class _Limit:
    """Cuts the connection after ``seconds``, at whatever point the answer is.

    A timeout counts from byte to byte: who sends one now and then would hold a worker for days.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "_Limit":
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()

    def note(self, step: str, told: Mapping[str, Any]) -> None:
        """Learn of the connection; httpcore calls this at each step (its extension ``trace``)."""
        if step in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = told["return_value"].get_extra_info("socket")
            if self.is_over:
                self._cut()

    def _cut(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it is closed already
                # Not the method of a TLS socket, which would let the reader go on in clear.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


@cache
def _trusted() -> ssl.SSLContext:
    """Return the authorities whose certificates are believed: those of the system.

    Read once per process: it takes 25 ms of processor, more than a request. An authority that the
    system adds or removes counts from the next start on.
    """
    return httpx2.create_ssl_context(trust_env=False)


def _port(url: httpx2.URL) -> int:
    return url.port or (80 if url.scheme == "http" else 443)


def refusal(address: str, hosts: Sequence[str] = ()) -> str:
    """Return why the settings let nobody call ``address``; "" when they do. Nothing is asked."""
    url = httpx2.URL(address)
    private, port = settings.PALIER_HTTP_PRIVATE, _port(url)
    # In development any port: the catchers take a free one.
    usual = [port] if private else [443]
    named = network.listed(url.host, port, [*settings.PALIER_HTTP_HOSTS, *hosts], usual)
    if url.scheme not in ("https", "http") or not named:
        return f"{url.scheme}://{url.host}:{port} is not on the list"
    plain = private or f"{url.host}:{port}" in settings.PALIER_HTTP_PLAIN_HOSTS
    return "" if url.scheme == "https" or plain else "plain HTTP"


def _pin(url: httpx2.URL, hosts: Sequence[str] = ()) -> str:
    """Return the address that ``url``'s host resolves to.

    Raises Refused for a private one, unless the host is one of ``PALIER_HTTP_PRIVATE_HOSTS``.
    """
    private, port = settings.PALIER_HTTP_PRIVATE, _port(url)
    if why := refusal(str(url), hosts):
        raise Refused(why)
    inside = {url.host, f"{url.host}:{port}"} & set(settings.PALIER_HTTP_PRIVATE_HOSTS)
    try:
        return network.resolve(url.host, port, private=private or bool(inside))
    except OSError as error:
        raise httpx2.ConnectError(str(error)) from error


def request(
    method: str, address: str, *, largest: int = LARGEST, hosts: Sequence[str] = (), **kwargs
) -> httpx2.Response:
    """Send one request. Raises ``Refused``, or httpx2's own errors for network and time.

    ``hosts`` may be called beside those of the settings: an administrator named them. ``largest``
    is the most bytes of an answer (``TooMuch`` beyond). ``kwargs`` are
    httpx2's: ``data``, ``json``, ``auth``, ``headers``. After ``LONGEST`` it is ``ReadTimeout``.
    """
    refuse_inside_transaction(address)
    with _Limit(LONGEST) as limit:
        try:
            answer = _read(method, httpx2.URL(address), largest, hosts, limit, **kwargs)
        except httpx2.HTTPError as error:
            if limit.is_over:
                raise _late(address) from error
            raise
    # Where nothing tells its length, an answer that was cut looks whole.
    if limit.is_over:
        raise _late(address)
    return answer


def _late(address: str) -> httpx2.ReadTimeout:
    return httpx2.ReadTimeout(f"{httpx2.URL(address).host} took more than {LONGEST:.0f} seconds")


def _read(
    method: str, url: httpx2.URL, largest: int, hosts: Sequence[str], limit: _Limit, **kwargs: Any
) -> httpx2.Response:
    """Send one request and read its answer, unpacked. Raises as ``request`` does."""
    pinned = _pin(url, hosts)
    headers = {**kwargs.pop("headers", {}), "Host": url.netloc.decode("ascii")}
    # trust_env off: a proxy of the environment would undo the pinning.
    with (
        httpx2.Client(
            verify=_trusted(), timeout=TIMEOUT, follow_redirects=False, trust_env=False
        ) as client,
        client.stream(
            method,
            url.copy_with(host=pinned),
            headers=headers,
            extensions={"sni_hostname": url.host, "trace": limit.note},
            **kwargs,
        ) as answer,
    ):
        body = b""
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > largest:
                raise TooMuch(f"{url.host} answers too much")
        told = [pair for pair in answer.headers.multi_items() if pair[0] not in OF_THE_WIRE]
        return httpx2.Response(answer.status_code, headers=told, content=body)


def json_object(answer: httpx2.Response) -> dict:
    """Return the JSON object that a provider answered with; {} when it is anything else."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
