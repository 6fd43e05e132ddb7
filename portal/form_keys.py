"""Do once what a form asks for, however often it is sent.

An answer may be lost after the work was done: a worker is killed, a network breaks, a person
presses twice. Every form carries a random key (``{% csrf_token %}`` writes it). The views that
tenants and visitors post to note it in the transaction of what they do, with the address that
they answered; the same form sent again goes there and does nothing (docs/adr/0039).
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from portal.clock import now

FIELD = "form_key"
LENGTH = 32
SHAPE = re.compile(rf"[a-z0-9]{{{LENGTH}}}")
# A page that was open for longer is sent anew.
LIFE = timedelta(days=3)
LONGEST_ADDRESS = 500


# Whether this thread is in the transaction of a form.
_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


class AnsweredInPlace(RuntimeError):
    """A view that is done once answered a success without an address to go back to."""


class DoBefore(RuntimeError):
    """Slow work that a view needs done before the transaction of its form begins."""

    def __init__(self, work: Callable[[HttpRequest], None]) -> None:
        super().__init__("slow work in the transaction of a form")
        self.work = work


def require_before(work: Callable[[HttpRequest], None]) -> None:
    """Let ``work(request)`` be done before the transaction of the form, if we are in one.

    The view then begins anew in another transaction: what it did so far is rolled back.
    """
    if _in_transaction.get():
        raise DoBefore(work)


def new_key() -> str:
    """Return the key of a form that is being drawn."""
    return secrets.token_hex(LENGTH // 2)


def digest_of(request: HttpRequest) -> str:
    """Return a digest of the form's key, who sent it, where, and all it says; "" without a key.

    A form that was changed and sent again from the same page is another one.
    """
    match = request.resolver_match
    if match is None or getattr(match.func, "csrf_exempt", False):
        return ""  # a machine: its key is in what it sends
    # The last one: a page that gives back what was typed repeats the first form's key.
    key = request.POST.get(FIELD, "")
    if not SHAPE.fullmatch(key):
        return ""
    said = {n: v for n, v in request.POST.lists() if n not in (FIELD, "csrfmiddlewaretoken")}
    files = [[n, f.name, f.size] for n, sent in request.FILES.lists() for f in sent]
    who = str(request.user.pk) if request.user.is_authenticated else ""
    whole = json.dumps([key, request.get_full_path(), who, said, files], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def answer_once(view: Callable, request: HttpRequest, args: tuple, kwargs: dict) -> HttpResponse:
    """Return the view's answer to a posted form, or lead to what the same form did before.

    Only a redirect is remembered: a form with mistakes, or a refusal, may be sent again. The note
    and the work are committed together, and a twin sent meanwhile waits for that. Raises what the
    view raises; what it had done by then stays, as without a key.
    """
    digest = digest_of(request)
    if not digest:
        return view(request, *args, **kwargs)
    try:
        return _in_one_transaction(digest, view, request, args, kwargs)
    except DoBefore as needed:
        needed.work(request)
    return _in_one_transaction(digest, view, request, args, kwargs)


def _in_one_transaction(
    digest: str, view: Callable, request: HttpRequest, args: tuple, kwargs: dict
) -> HttpResponse:
    """Note the form and do what it asks for in one transaction. Raises DoBefore."""
    error = None
    with transaction.atomic():
        if (address := _note(digest)) is not None:
            messages.info(request, _("We already had your answer: here is what was done."))
            return redirect(address)
        inside = _in_transaction.set(True)
        try:
            response = view(request, *args, **kwargs)
        except (DatabaseError, InterfaceError, DoBefore):
            raise  # nothing of this transaction can stay
        except Exception as raised:
            error = raised
        finally:
            _in_transaction.reset(inside)
        _settle(digest, None if error else response)
    if error:
        raise error
    return response


def _note(digest: str) -> str | None:
    """Take the digest, waiting for a twin; return the address answered before, or None."""
    from portal.models import SentForm

    SentForm.objects.bulk_create([SentForm(digest=digest, at=now())], ignore_conflicts=True)
    done = SentForm.objects.filter(digest=digest).exclude(address="")
    return done.values_list("address", flat=True).first()


def _settle(digest: str, response: HttpResponse | None) -> None:
    """Remember where the answer leads, or forget a form that did nothing."""
    from portal.models import SentForm

    address = response.headers.get("Location", "") if response is not None else ""
    rows = SentForm.objects.filter(digest=digest)
    if address and len(address) <= LONGEST_ADDRESS:
        rows.update(address=address)
        return
    rows.delete()
    if settings.PALIER_STRICT and response is not None and response.status_code < 300:
        raise AnsweredInPlace("redirect after a success, or say why a repeat does no harm")


def forget(before: datetime) -> None:
    """Delete what was noted before ``before``."""
    from portal.models import SentForm

    SentForm.objects.filter(at__lt=before).delete()
