"""A contractor's own people: invited and removed by whoever leads the team."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.models import Contractor, Membership, new_secret
from portal.access import Role
from portal.models import User
from requests.work_orders import contractor_notices


@transaction.atomic
def invite(
    *, membership: Membership, email: str, first_name: str, last_name: str, leads: bool, now
) -> None:
    """Give ``email`` access to the orders of the inviter's contractor, and mail them how.

    An address that already has an account keeps it as it is: a contractor must not change what a
    tenant or an employee may see. Its owner is told by mail; the inviter is told nothing of it.
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
    """End a colleague's access now: the day before today, or the membership goes if it began today.

    Raises Membership.DoesNotExist for somebody of another contractor.
    """
    today = timezone.localdate(now)
    row = Membership.objects.select_for_update(of=("self",)).get(
        pk=person.pk, contractor=by.contractor_id
    )
    row.starts = min(row.starts, today - timedelta(days=1))
    row.ends = today - timedelta(days=1)
    row.save(update_fields=["starts", "ends"])


def new_calendar_address(*, membership: Membership) -> None:
    """The former secret address of the calendar answers no more."""
    Contractor.objects.filter(pk=membership.contractor_id).update(calendar_token=new_secret())
