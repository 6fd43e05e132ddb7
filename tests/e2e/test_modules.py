"""Modules under production's file names: they run with the policy's nonce, and without network."""

import re

from requests.rounds.queries import PICTURES
from tests import factories
from tests.e2e import site
from tests.e2e.chromium import signed_in
from tests.e2e.workers import WORKER_READY
from tests.portal.static_files import HASHED


def test_hashed_modules_run_under_the_policy_and_offline(
    transactional_db, static_files, monkeypatch
):
    # Playwright's loop runs in this thread, and so does the ORM: nothing here is concurrent.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    caretaker = factories.caretaker(factories.landlord()["north"])
    fault = factories.common_fault(PICTURES[0][0])
    with site.server() as url, signed_in(url, caretaker.user) as page:
        complaints, scripts = [], []
        page.on("console", lambda line: complaints.append(line.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: scripts.append(request.url))
        answer = page.goto(f"{url}/round/")
        assert "'strict-dynamic'" in answer.headers["content-security-policy"]
        page.wait_for_selector("html[data-outbox=ready]")
        scripts = [address for address in scripts if re.search(r"/js/.*\.js$", address)]
        assert len(scripts) == len(set(scripts)) == 2, "each module once"
        assert all(HASHED.search(address) for address in scripts)
        page.evaluate(WORKER_READY)
        page.context.set_offline(True)
        page.goto(f"{url}/round/")
        page.wait_for_selector("html[data-outbox=ready]")
        assert not [address for address in scripts if "round_list" in address], "nothing to list"
        page.locator("#bare").click()
        page.locator(f"label[for=c-{fault.code}]").click()
        page.locator("#go").click()
        page.wait_for_selector("#outbox > li")
        (lazy,) = {address for address in scripts if "round_list" in address}
        assert HASHED.search(lazy)
        page.context.set_offline(False)
        assert not [text for text in complaints if "ERR_INTERNET" not in text]
