"""The only module that calls other servers: named hosts, pinned addresses, no redirects.

A provider's address comes from settings, never from a tenant; this is a second protection.
"""

import httpx2
from django.conf import settings

from portal import network
from portal.network import Refused
from portal.transactions import refuse_inside_transaction

TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
LARGEST = 1024 * 1024  # bytes of an answer


class TooMuch(Refused):
    """The answer is larger than we accept."""


def _pin(url: httpx2.URL) -> str:
    """Return the address that ``url``'s host resolves to.

    Raises Refused for a private one, unless the host is one of ``PALIER_HTTP_PRIVATE_HOSTS``.
    """
    private = settings.PALIER_HTTP_PRIVATE
    port = url.port or (80 if url.scheme == "http" else 443)
    # In development any port: the catchers take a free one.
    usual = [port] if private else [443]
    named = network.listed(url.host, port, settings.PALIER_HTTP_HOSTS, usual)
    if url.scheme not in ("https", "http") or not named:
        raise Refused(f"{url.scheme}://{url.host}:{port} is not on the list")
    if url.scheme == "http" and not private:
        raise Refused("plain HTTP")
    inside = {url.host, f"{url.host}:{port}"} & set(settings.PALIER_HTTP_PRIVATE_HOSTS)
    try:
        return network.resolve(url.host, port, private=private or bool(inside))
    except OSError as error:
        raise httpx2.ConnectError(str(error)) from error


def request(method: str, address: str, *, largest: int = LARGEST, **kwargs) -> httpx2.Response:
    """Send one request. Raises ``Refused``, or httpx2's own errors for network and time.

    ``largest`` is the most bytes of an answer (``TooMuch`` beyond). ``kwargs`` are
    httpx2's: ``data``, ``json``, ``auth``, ``headers``.
    """
    refuse_inside_transaction(address)
    url = httpx2.URL(address)
    pinned = _pin(url)
    headers = {**kwargs.pop("headers", {}), "Host": url.netloc.decode("ascii")}
    # trust_env off: a proxy of the environment would undo the pinning.
    with (
        httpx2.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
        client.stream(
            method,
            url.copy_with(host=pinned),
            headers=headers,
            extensions={"sni_hostname": url.host},
            **kwargs,
        ) as answer,
    ):
        body = b""
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > largest:
                raise TooMuch(f"{url.host} answers too much")
        return httpx2.Response(answer.status_code, headers=answer.headers, content=body)


def json_object(answer: httpx2.Response) -> dict:
    """Return the JSON object that a provider answered with; {} when it is anything else."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
