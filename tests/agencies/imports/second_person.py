"""Two people of head office: one sends a file by command, the other approves it on the screen."""

from django.test import Client
from django.urls import reverse

from agencies.imports import runs
from agencies.models import ImportRun, Membership, Unit
from portal.clock import now
from portal.models import User


def from_head_office(name: str) -> User:
    """Return somebody of head office, made when needed."""
    user, new = User.objects.get_or_create(email=f"{name}@example.test")
    if new:
        head, _ = Unit.objects.get_or_create(
            kind=Unit.Kind.HEAD_OFFICE, defaults={"code": "siege", "name": "Siège"}
        )
        Membership.objects.create(user=user, unit=head, role="head_office", starts="2020-01-01")
    return user


def sender() -> tuple[str, str]:
    """Return the options with which a command names who sends the file."""
    return "--by", from_head_office("helene").email


def approve() -> ImportRun:
    """Let another person of head office press the button of the file that is held."""
    runs.drain(now)
    run = ImportRun.objects.get(state=ImportRun.State.HELD)
    client = Client()
    client.force_login(from_head_office("luc"))
    assert client.post(reverse("stock:import_apply", args=[run.pk])).status_code == 302
    runs.drain(now)
    run.refresh_from_db()
    assert run.state == ImportRun.State.APPLIED
    return run
