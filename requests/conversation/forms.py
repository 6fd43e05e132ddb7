"""The forms of the conversation: a reply or note, what was said elsewhere, a ready-made reply."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.models import User
from requests.claims.event_models import Message
from requests.claims.models import Claim
from requests.conversation import mentions
from requests.conversation.promised_date import promised_field, unkept
from requests.kit.checked_text import LintedForm
from requests.kit.choices import OPEN, CallOutcome, Channel, State
from requests.kit.fields import FilesField
from requests.notifications import texts
from requests.notifications.contact_routes import reply_channels

WITHOUT = frozenset({"text"})


class CannedForm(LintedForm):
    """Name, language and text of one reply."""

    linted = ("body",)
    name = forms.CharField(
        label=_("Name"), max_length=60, error_messages={"required": _("Give it a name.")}
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("fr", _("French")), ("en", _("English"))]
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write the text first.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = "canned_%s"
        super().__init__(*args, **kwargs)
        self.fields["body"].help_text = texts.known_variables(without=WITHOUT)
        self.seal()

    def clean_body(self) -> str:
        """Return the text. Raises ValidationError for an unknown variable."""
        body = self.cleaned_data["body"]
        if faults := texts.text_faults(body, without=WITHOUT):
            raise forms.ValidationError(faults)
        return body


def text_field(label, hint="", *, required=True) -> forms.CharField:
    """Return a field for a text that a person writes, at most 4,000 characters."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write the text first.")},
    )


class MessageForm(LintedForm):
    """A reply to the tenant, with a step if its button says so, or a note that never leaves.

    ``steps`` are those of ``workflow.reply_steps``, ``channels`` those of ``reply_channels``.
    """

    linted = ("text",)
    version = forms.IntegerField(widget=forms.HiddenInput)
    # Drawn as tabs above the form (templates/requests/conversation/_tabs.html).
    kind = forms.ChoiceField(
        label=_("For whom"),
        widget=forms.RadioSelect,
        choices=[
            (Message.Direction.OUT, _("To the tenant")),
            (Message.Direction.NOTE, _("Internal note, the tenant does not see it")),
        ],
        error_messages={"required": _("Say who it is for.")},
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=[])
    text = text_field(
        _("Message"), _("The tenant can read what you write, notes included on request.")
    )

    promise_at = promised_field(
        _("Next news before"), _("Leave it empty to keep the date below."), required=False
    )
    attached = FilesField(_("Files"))
    then = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("This step is not possible from where it stands.")},
    )

    def __init__(
        self,
        *args: Any,
        claim: Claim,
        steps: Mapping[str, str] = MappingProxyType({}),
        channels: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        offered = channels or reply_channels(claim)
        initial = {
            "kind": Message.Direction.OUT,
            "channel": offered[0],
            "version": claim.version,
        }
        kwargs["initial"] = {**initial, **kwargs.get("initial", {})}
        super().__init__(*args, **{"auto_id": "message_%s"} | kwargs)
        self.fields["channel"].choices = [(c, Channel(c).label) for c in offered]
        self.fields["then"].choices = [(target, target) for target in steps]
        self.steps = steps
        self.fields["text"].widget.attrs["rows"] = 2  # it grows with what is typed
        if claim.state not in OPEN:
            del self.fields["promise_at"]
        self.claim = claim
        self.mentioned: list[User] = []
        self.seal()

    def clean(self) -> dict:
        """A note may name colleagues who see the request; an unclear name is said at once.

        A reply may give the date of the next news, when somebody is there to keep it.
        """
        data = super().clean()
        if at := data.get("promise_at"):
            note = data.get("kind") == Message.Direction.NOTE
            if wrong := _("A note promises nothing.") if note else unkept(self.claim, at):
                self.add_error("promise_at", wrong)
            elif data.get("then") == State.DONE:
                self.add_error("promise_at", _("What is finished promises no more news."))
        if data.get("kind") == Message.Direction.NOTE and data.get("text"):
            try:
                self.mentioned = mentions.mentioned_members(self.claim, data["text"])
            except mentions.Unclear as error:
                said = _("Nobody, or more than one person, is called %(names)s here.")
                self.add_error("text", said % {"names": ", ".join(error.names)})
        return data


class RecordAnswerForm(LintedForm):
    """What the tenant said by a way that a person must write down."""

    linted = ("text",)
    version = forms.IntegerField(widget=forms.HiddenInput)
    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[(c.value, c.label) for c in (Channel.LETTER, Channel.PHONE, Channel.COUNTER)],
    )
    text = text_field(_("What the tenant said"), _("In their words. They can read it."))
    fixed = forms.ChoiceField(
        label=_("Do they say that it is fixed?"),
        choices=[("", _("they do not say")), ("yes", _("yes, fixed")), ("no", _("no, not fixed"))],
        required=False,
    )

    def __init__(self, *args, claim, **kwargs) -> None:
        kwargs["initial"] = {"version": claim.version, **kwargs.get("initial", {})}
        super().__init__(*args, **{"auto_id": "noted_%s"} | kwargs)
        if claim.state != State.DONE:
            del self.fields["fixed"]
        self.seal()


class RecordCallForm(LintedForm):
    """We rang: what came of it, and what was said."""

    linted = ("note",)
    outcome = forms.ChoiceField(
        label=_("Result of the call"),
        choices=[("", "—"), *CallOutcome.choices],
        error_messages={"required": _("Say what came of the call.")},
    )
    note = text_field(_("What was said"), _("Internal note."), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{"auto_id": "called_%s"} | kwargs)
        self.seal()
