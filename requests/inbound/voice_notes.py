"""Write down voice messages by a speech model of the landlord's own, when one is configured.

What people say then stands in the conversation as words: it is searched for danger, found and
sorted like any message; the sound stays beside it. The model answers as OpenAI's
``/v1/audio/transcriptions`` does, which the servers that run Whisper in the house (speaches,
LocalAI, vLLM) speak. Without one, or when it is away, the message is there to be listened to.
"""

import logging
from dataclasses import replace

import httpx2
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from portal import http
from requests.attachments import file_names
from requests.inbound.reply import Reply

MOST_BYTES = 2 * 1024 * 1024  # about ten minutes as phones record them
MOST_FILES = 2  # of one message: a worker waits for each
MOST_WORDS = 4000  # characters
log = logging.getLogger(__name__)


def write_down(reply: Reply) -> Reply:
    """Return ``reply`` with the words of its voice messages; call it outside any transaction."""
    if not settings.PALIER_TRANSCRIBER_URL:
        return reply
    spoken = [
        (name, kind, data)
        for name, kind, data in reply.files
        if _is_sound(data) and len(data) <= MOST_BYTES
    ]
    heard = [words for row in spoken[:MOST_FILES] if (words := _words_of(*row))]
    if not heard:
        return reply
    with translation.override(settings.LANGUAGE_CODE):
        said = [
            _("Voice message, written down by a machine: “%(words)s”") % {"words": w} for w in heard
        ]
    return replace(reply, text="\n".join(filter(None, [reply.text, *said])))


def _is_sound(data: bytes) -> bool:
    ending = file_names.ending_of(data)
    return ending == ".amr" or file_names.SOUNDS_AND_FILMS.get(ending, "").startswith("audio/")


def _words_of(name: str, kind: str, data: bytes) -> str:
    """Return what was said; "" when the model does not answer, or hears nothing."""
    named = file_names.with_ending(name, file_names.ending_of(data))
    try:
        answer = http.request(
            "POST",
            f"{settings.PALIER_TRANSCRIBER_URL}/v1/audio/transcriptions",
            data={"model": settings.PALIER_TRANSCRIBER_MODEL, "response_format": "json"},
            files={"file": (named, data, kind)},
        )
    except (http.Refused, httpx2.HTTPError) as error:
        log.warning("a voice message was not written down: %r", error)
        return ""
    if answer.status_code != 200:
        log.warning("a voice message was not written down: %s", answer.status_code)
        return ""
    words = str(http.json_object(answer).get("text") or "")
    return " ".join(words.replace("\0", "").split())[:MOST_WORDS]
