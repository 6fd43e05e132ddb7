"""What stands around a person's words in the text message that carries them, to count it. Reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.models import User
from requests.channels import gsm7
from requests.claims.models import Claim
from requests.kit.choices import Channel
from requests.notifications import events, previews
from requests.notifications.unit_words import unit_words

WORDS = "\0"  # stands for the words, which nobody has typed yet


@dataclass(frozen=True)
class SmsFrame:
    """``before`` and ``after`` the words, as they leave but for what opens the request.

    ``hidden`` is by how many units that is longer than what stands for it here; ``said`` is False
    when the words themselves never travel by text message (a confidential request).
    """

    before: str
    after: str
    hidden: int
    said: bool = True

    def text(self, words: str) -> str:
        """Return the message with these words, for staff to read."""
        return f"{self.before}{gsm7.to_gsm7(words) if self.said else ''}{self.after}"

    def length(self, words: str) -> gsm7.Length:
        """Return how long the message with these words is when it leaves."""
        return gsm7.length(self.text(words), more=self.hidden)


def sms_frame(claim: Claim, event: str, *, by: User, promise: datetime | None) -> SmsFrame:
    """Return the frame of ``event`` on ``claim``; ``promise`` is the date that it will quote."""
    kept = _kept(claim, WORDS, by) | {"promise": _iso(promise)}
    paragraph = events.event_paragraph(claim, event, kept, Channel.SMS, claim.language)
    whole = events.full_message(claim, [paragraph], Channel.SMS, claim.language)
    shown = gsm7.to_gsm7(previews.without_secrets(claim, whole))
    before, found, after = shown.partition(WORDS)
    return SmsFrame(before, after, _hidden(whole, shown), said=bool(found))


def whole_message(
    claim: Claim, event: str, words: str, *, by: User, dates: Mapping[str, datetime | None]
) -> tuple[str, gsm7.Length]:
    """Return the text message of a step with these words, and how long it is when it leaves.

    ``dates`` are those that the step gives: ``promise``, ``visit``, ``visit_until``.
    """
    kept = _kept(claim, words, by) | {name: _iso(at) for name, at in dates.items()}
    paragraph = events.event_paragraph(claim, event, kept, Channel.SMS, claim.language)
    whole = events.full_message(claim, [paragraph], Channel.SMS, claim.language)
    shown = gsm7.to_gsm7(previews.without_secrets(claim, whole))
    return shown, gsm7.length(shown, more=_hidden(whole, shown))


def _kept(claim: Claim, words: str, by: User) -> dict[str, str]:
    unit = claim.owner.unit if claim.owner else None
    named = unit_words(unit, claim.language)
    return {"text": words, "who": by.first_name, **named}


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _hidden(whole: str, shown: str) -> int:
    """Return by how many units the message that leaves is longer than what staff read."""
    whole, shown = (text.replace(WORDS, "") for text in (whole, shown))
    return gsm7.length(whole).units - gsm7.length(shown).units


def as_json(frames: Mapping[str, SmsFrame]) -> dict:
    """Return the frames and the alphabet, for the page that counts while somebody types."""
    return {
        "alphabet": gsm7.alphabet(),
        "frames": {
            name: {
                "before": frame.before,
                "after": frame.after,
                "hidden": frame.hidden,
                "said": frame.said,
            }
            for name, frame in frames.items()
        },
    }
