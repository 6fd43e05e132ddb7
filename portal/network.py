"""Which servers we may connect to: named hosts, known ports, public addresses."""

import ipaddress
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network

# Addresses that carry an IPv4 one, by the place of its last bit: NAT64 and 6to4.
NAT64 = IPv6Network("64:ff9b::/96")
LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")


class Refused(Exception):
    """The address is not one that we may connect to."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is one machine of the open internet.

    An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4, Teredo) must be public itself.
    """
    if isinstance(address, IPv6Address):
        if address in LOCAL_NAT64 or address.teredo:
            return False
        carried = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            carried = IPv4Address(int(address) & 0xFFFFFFFF)
        if carried:
            return is_public(carried)
    return address.is_global and not address.is_multicast


def listed(host: str, port: int, allowed: Collection[str], usual: Collection[int]) -> bool:
    """Return whether ``allowed`` names the host (on a ``usual`` port), or host and port."""
    return (host in allowed and port in usual) or f"{host}:{port}" in allowed


def resolve(host: str, port: int, *, private: bool) -> str:
    """Return the address to connect to. Raises Refused for a private one, OSError without any."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(item[4][0]).partition("%")[0]) for item in found]
    if not private and not all(is_public(address) for address in addresses):
        raise Refused(f"{host} leads to a private address")
    return str(addresses[0])
