"""Photos of the work, taken by the contractor."""

from django.db import transaction

from requests.attachments.models import Attachment
from requests.work_orders.models import OrderPhoto, WorkOrder


@transaction.atomic
def add_photo(*, order: WorkOrder, attachment: Attachment, moment: str) -> OrderPhoto:
    """Add a stored file of the same claim to the order. Raises ValueError for another claim's."""
    if attachment.claim_id != order.claim_id:
        raise ValueError("this file is of another claim")
    return OrderPhoto.objects.create(order=order, attachment=attachment, moment=moment)
