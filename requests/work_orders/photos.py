"""Photos of the work, taken by the contractor."""

from django.db import transaction
from django.db.models import QuerySet

from requests.attachments.models import Attachment
from requests.claims.models import Claim
from requests.work_orders.models import OrderPhoto, WorkOrder

# Those that the tenant sees too; what more work would cost is between office and contractor.
TOLD_MOMENTS = (
    OrderPhoto.Moment.BEFORE,
    OrderPhoto.Moment.AFTER,
    OrderPhoto.Moment.NO_ACCESS,
)


def contractor_photos(claim: Claim) -> QuerySet[OrderPhoto]:
    """Return the photos that contractors took for ``claim``, whoever may see them."""
    rows = OrderPhoto.objects.of(order__claim=claim)
    return rows.exclude(moment=OrderPhoto.Moment.CLAIM)


@transaction.atomic
def add_photo(*, order: WorkOrder, attachment: Attachment, moment: str) -> OrderPhoto:
    """Add a stored file of the same claim to the order. Raises ValueError for another claim's."""
    if attachment.claim_id != order.claim_id:
        raise ValueError("this file is of another claim")
    return OrderPhoto.objects.create(order=order, attachment=attachment, moment=moment)
