"""What every inbound adapter makes of one input, and why it may not go on by itself."""

from dataclasses import dataclass, field
from uuid import UUID

from requests.attachments.inbound_files import CleanFile


class NeedsAPerson(Exception):
    """Nothing is wrong with the input, but a machine must not decide: it goes to the tray."""


class Later(Exception):
    """The input can be read once something else answers again."""


@dataclass(frozen=True)
class Reply:
    """One input in the shape that every inbound adapter returns, whatever the channel.

    ``deliveries``, ``marked`` and ``printed`` (letters of ours, by the codes on its photos) are
    proven by our signature; ``answers`` are Message-IDs and ``named`` references that anybody
    could write. ``files`` are (name, type, bytes),
    ``clean`` what is kept of them. ``sender`` is
    "" when it cannot be read; ``hints`` are then ``(header, address)`` that nobody proved.
    ``account`` is how a messaging provider calls the sender; it stays the same when the number is
    hidden later, and is the ``sender`` when no number is known.
    """

    sender: str
    text: str
    sender_name: str = ""
    account: str = ""
    hints: list[tuple[str, str]] = field(default_factory=list)
    subject: str = ""
    folded: str = ""
    html: str = ""
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    clean: list[CleanFile] = field(default_factory=list)
    too_big: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # more files than one message may bring
    deliveries: list[UUID] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    printed: list[UUID] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    automatic: str = ""
    unreadable: str = ""  # Of a kind that we cannot show; the sender is informed.
    bounce: str = ""
    bounce_why: str = ""
    verified: bool = False
    proof: str = ""  # by what the sender is verified: a method of ``mail/senders.py``
