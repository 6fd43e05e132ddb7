"""What a column is called on a page and in a person's copy, where its model does not say it."""

from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

_who = _("who did it")
_value = _("technical value")
_text = _("text")
LABELS = {
    **dict.fromkeys(("actor", "asker", "author", "by", "membership", "reader", "reviewer"), _who),
    **dict.fromkeys(
        (
            "calendar_token",
            "code",
            "digest",
            "external_id",
            "fingerprint",
            "key",
            "link_household",
            "message_id",
            "nonce",
            "person",
            "provider_id",
            "secret",
            "session",
            "sessions_nonce",
            "sha256",
            "start",
            "token",
        ),
        _value,
    ),
    **dict.fromkeys(("folded", "html", "text"), _text),
    **dict.fromkeys(("one", "other", "tenant"), _("tenant")),
    "attachment": _("attachment"),
    "channel": _("channel"),
    "content": _("content"),
    "direction": _("direction"),
    "dwelling": _("dwelling"),
    "file": _("file"),
    "invitation": _("invitation to a survey"),
    "value": _("mark of a survey"),
    "lease": _("lease"),
    "rejects": _("rejected lines"),
    "residence": _("residence"),
    "search": _("words for searching"),
    "sender_name": _("name of the sender"),
    "staircase": _("staircase"),
    "thumb": _("image"),
    "user": _("account"),
}


def label_of(model: type[Model], name: str) -> str:
    """Return the translated name of a column. Raises KeyError when nobody gave it one."""
    field = model._meta.get_field(name)
    if isinstance(field, Field) and isinstance(field.verbose_name, Promise):
        return capfirst(str(field.verbose_name))
    if name.endswith("_by"):
        return capfirst(str(_who))
    return capfirst(str(LABELS[name]))
