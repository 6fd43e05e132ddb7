"""A client that files claims from its own process and keeps its own ledger, on standard output.

`python -m tests.faults.filer PREFIX COUNT DWELLING`: one line per claim that was confirmed.
Every fifth one is sent twice, as a browser does when the first answer does not come.
"""

import os
import sys

import django

from portal.actor import Actor


def main(prefix: str, count: int, dwelling: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    django.setup()
    from portal.clock import now
    from requests.filing.actions import Filing, file_claim

    for number in range(count):
        filing = Filing(
            channel="web",
            key=f"{prefix}-{number}",
            category="PLO-03",
            dwelling=dwelling,
            contact_email=f"{prefix}{number}@example.test",
        )
        for _ in range(2 if number % 5 == 0 else 1):
            file_claim(filing, actor=Actor.TENANT, now=now())
        print(filing.key, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
