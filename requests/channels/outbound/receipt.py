"""The answer of every outbound adapter: accepted, refused for now, or refused for good."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Receipt:
    """The answer of a provider. ``bad_address``: the address itself is wrong, not the message.

    ``reason`` is ``reputation`` when it refuses whatever comes from us.
    """

    ok: bool
    provider_id: str = ""
    answer: str = ""
    permanent: bool = False
    bad_address: bool = False
    reason: str = ""
