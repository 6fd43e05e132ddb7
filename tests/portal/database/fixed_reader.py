"""A reader who does not change, and searches that need an index."""

from django.db import connection

from portal.database.readers import Who
from portal.text import Digits
from requests.claims.models import Claim
from requests.claims.search import Asked, Stemmed
from tenants.models import ContactPoint

SEARCHES = {
    "words": lambda: Claim.unscoped.filter(search__contains="fuite"),
    "stems": lambda: Claim.unscoped.filter(Stemmed("search", Asked([["fuites"]]))),
    "typing errors": lambda: Claim.unscoped.filter(search__trigram_word_similar="fiute"),
    "phone": lambda: ContactPoint.unscoped.annotate(number=Digits("value")).filter(
        kind="phone", number="612345678"
    ),
}


class Fixed:
    """A reader who does not change."""

    def __init__(self, who: Who) -> None:
        self.is_who, self.depth = who, len(connection.atomic_blocks)

    def who(self) -> Who:
        return self.is_who
