"""What every outbound adapter answers: taken, or refused for now, or refused for good."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Receipt:
    """``bad_address`` means that this address itself is the trouble, not the message."""

    ok: bool
    provider_id: str = ""
    answer: str = ""
    permanent: bool = False
    bad_address: bool = False
