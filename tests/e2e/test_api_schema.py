"""The API as its own description says it is: whatever fits that description, or does not quite.

Schemathesis draws the calls from the OpenAPI document of a running portal and sends them over
HTTP. It needs the library `requests`, so it runs in the environment of the tools.
"""

import json
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from agencies.models import Membership
from portal import api_tokens
from portal.clock import now
from requests.claims.models import Claim
from tests import trust
from tests.e2e import site

TOOL = Path(settings.BASE_DIR) / ".palier/tools/bin/schemathesis"
# Of each role: two whole runs send more than 10,000 calls.
CASES, AT_LEAST = trust.size(5, 700), trust.size(40, 5_000)
PHASES = "examples,coverage,fuzzing" if trust.WHOLE else "examples,fuzzing"
# Most calls reach a claim that is there.
CONFIGURATION = """
[dictionaries]
claims = {{ values = ["{known}"] }}
categories = {{ values = ["PLO-03", "ADM-14"] }}
[parameters]
"body.category" = {{ dictionary = "categories", probability = 0.8 }}
"path.id" = {{ dictionary = "claims", probability = 0.8 }}
"""


@pytest.fixture
def many_calls(monkeypatch):
    """Nobody is told to wait: an answer 429 tries nothing."""
    for limit in ("GUESSES", "API_READS", "API_WRITES"):
        monkeypatch.setattr(f"portal.limits.{limit}", 10_000_000)


def claim_of(role: str) -> Claim:
    """A claim that the demo account of ``role`` reads."""
    if role == "tenant":
        return Claim.objects.own_of(site.account(role)).first()
    membership = Membership.objects.filter(role=role).earliest("pk")
    return Claim.objects.visible_to(membership).filter(state="in_review").first()


@pytest.mark.trust
@pytest.mark.parametrize("role", ["agent", "tenant"])
def test_every_call_of_the_description_is_answered(portal, many_calls, role, tmp_path):
    token = api_tokens.make(site.account(role), name="fuzz", writes=True, days=30, now=now())
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION.format(known=claim_of(role).pk))
    report = tmp_path / "report.json"
    command = [
        str(TOOL), "run", f"{portal}/api/v1/schema/", "--url", portal,
        "--header", f"Authorization: Token {token}", "--header", "Accept-Language: fr",
        "--checks", "not_a_server_error", "--max-examples", str(CASES), "--phases", PHASES,
        "--seed", "1", "--continue-on-failure", "--suppress-health-check", "all",
        "--warnings", "off", "--report", "json", "--report-json-path", str(report),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    told = json.loads(report.read_text())
    print(role, told["test_cases"], told["valid_rates"])
    assert told["operations"]["tested"] >= 8
    assert told["test_cases"]["generated"] >= AT_LEAST
    assert told["test_cases"]["with_failures"] == told["test_cases"]["errored"] == 0
