"""Count the SQL statements of a page or an action, sessions and sign-in included."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.table import Table
from benchmarks.world import Landlord
from portal.clock import now

# Of each page one is the landlord, whose name and colours every page shows, and one counts what
# waits behind the menu; one of the inbox asks who probably wrote the requests without an author,
# and one what open incidents gather.
FILING, INBOX, OVERVIEW = 20, 12, 14


def _page(client, path: str) -> int:
    client.get(path)  # fill the caches of the process first: they are not the page's cost
    with CaptureQueriesContext(
        connection,
    ) as found:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return len(found)


def _filing() -> int:
    from agencies.models import Dwelling
    from requests.filing.actions import Filing, file_claim

    filing = Filing(
        channel="web",
        key="bench",
        category="PLO-03",
        words="Ça coule.",
        dwelling=Dwelling.objects.first().pk,
        contact_email="awa@example.test",
    )
    with CaptureQueriesContext(connection) as found:
        file_claim(filing, now=now())
    return len(found)


def measure(table: Table, landlord: Landlord) -> None:
    head, agent = landlord.client("helene"), landlord.client("sonia")
    add = table.add
    add("filing a claim", landlord.claims, _filing(), FILING, "statements")
    add("inbox, agency", landlord.claims, _page(agent, "/agency/?view=all"), INBOX, "statements")
    add("inbox, all", landlord.claims, _page(head, "/agency/?view=all"), INBOX, "statements")
    add("overview", landlord.claims, _page(head, "/head-office/"), OVERVIEW, "statements")
