"""Forms of the technical follow-up."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests.jobs.models import Job


class GiveUpForm(forms.Form):
    """Say why a job will never be done; stored with the name of the person who decided."""

    reason = forms.CharField(
        label=_("Reason for giving up"),
        max_length=300,
        error_messages={"required": _("Write the reason.")},
    )

    def __init__(self, *args: Any, job: Job, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"job_{job.pk}_%s"
        super().__init__(*args, **kwargs)
        self.job = job
