"""Forms of the tray: where an input belongs, or why it is set aside."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Membership
from requests.claims.models import Claim


class AttachForm(forms.Form):
    """Ask for the reference of a claim that the member may see."""

    reference = forms.CharField(
        label=_("Number of the claim"),
        max_length=12,
        error_messages={"required": _("Give the number of the claim.")},
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        kwargs["auto_id"] = "attach_%s"
        super().__init__(*args, **kwargs)
        self.membership = membership
        self.claim: Claim | None = None

    def clean_reference(self) -> str:
        reference = "".join(self.cleaned_data["reference"].split()).upper()
        self.claim = Claim.objects.visible_to(self.membership).filter(reference=reference).first()
        if self.claim is None:
            raise forms.ValidationError(_("No claim that you can see has this number."))
        return reference


class DiscardForm(forms.Form):
    """Ask why nothing is done with an input."""

    reason = forms.CharField(
        label=_("Why it is set aside"),
        max_length=300,
        error_messages={"required": _("Write why.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = "discard_%s"
        super().__init__(*args, **kwargs)
