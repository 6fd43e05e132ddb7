"""Words and look-ups that the tests of mail share."""

from requests.claims.models import Claim
from tests.requests.channels import mails as made

KEY = "a-key-of-the-tests"
AWA = "awa@tenant.example"
PROVEN = {"Authentication_Results": "mx.bailleur.example; dmarc=pass header.from=tenant.example"}


def answer(sent, body="Il coule encore.", **more) -> bytes:
    return made.mail(body, In_Reply_To=sent.message_id, References=sent.message_id, **more)


def came_in(claim):
    return list(claim.messages.filter(direction="in").values_list("text", flat=True))


def notes(claim):
    return list(claim.messages.filter(direction="note").values_list("text", flat=True))


def claims():
    return Claim.objects.system("test")
