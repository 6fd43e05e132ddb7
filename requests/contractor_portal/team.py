"""A contractor's own people: whoever leads the team invites and removes them."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from agencies.http_types import ContractorRequest
from agencies.models import Contractor, Membership, new_secret
from portal.access import Role
from portal.models import User
from requests.work_orders import contractor_notices


@transaction.atomic
def invite(
    *,
    membership: Membership,
    email: str,
    first_name: str,
    last_name: str,
    leads: bool,
    now: datetime,
) -> None:
    """Give ``email`` access to the orders of the inviter's contractor, and mail them how.

    An address that already has an account keeps it as it is: a contractor must not change what a
    tenant or an employee may see. The owner is informed by mail; the inviter learns nothing of it.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, first_name=first_name, last_name=last_name)
    except IntegrityError:
        user = User.objects.get(email=email)
    else:
        Membership.objects.create(
            user=user,
            unit=membership.unit,
            role=Role.CONTRACTOR,
            contractor=membership.contractor,
            leads_team=leads,
            starts=timezone.localdate(now),
        )
    contractor_notices.invite(user=user, by=membership, now=now)


@transaction.atomic
def end(*, person: Membership, by: Membership, now: datetime) -> None:
    """End a colleague's access now.

    Yesterday becomes its last day, and also its first day if it began today. Raises
    Membership.DoesNotExist for somebody of another contractor.
    """
    today = timezone.localdate(now)
    row = Membership.objects.select_for_update(of=("self",)).get(
        pk=person.pk, contractor=by.contractor_id
    )
    row.starts = min(row.starts, today - timedelta(days=1))
    row.ends = today - timedelta(days=1)
    row.save(update_fields=["starts", "ends"])


def new_calendar_address(*, membership: Membership) -> None:
    """Replace the secret address of the calendar; the former one answers 404."""
    if membership.contractor_id:
        Contractor.objects.filter(pk=membership.contractor_id).update(calendar_token=new_secret())


def contractor_of(request: ContractorRequest) -> Contractor:
    """Return the contractor of the signed-in member. Raises Http404 when there is none."""
    contractor = request.membership.contractor
    if contractor is None:
        raise Http404
    return contractor
