"""Hand out the dossier of a claim and store it, so that anybody can check it."""

from datetime import datetime

from requests.claims.models import Claim
from requests.closing import dossier
from requests.closing.models import Proof


def make_proof(*, claim: Claim, now: datetime) -> Proof:
    """Build the dossier and store it under its hash."""
    content = dossier.build(claim, now=now)
    made, _new = Proof.objects.system("making a proof").get_or_create(
        sha256=dossier.digest(content),
        defaults={"claim": claim, "content": content, "made_at": now},
    )
    return made


def is_intact(proof: Proof) -> bool:
    """Return whether the stored content still has its hash."""
    return dossier.digest(proof.content) == proof.sha256
