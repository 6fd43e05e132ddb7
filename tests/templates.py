"""Make the template databases (tests/databases.py), while the test processes still collect.

``python -m tests.templates``, with ``demo`` for that of the browser tests too; tests/conftest.py
starts it.
"""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
    import django

    django.setup()
    from tests import databases, moments
    from tests.e2e import site

    databases.flush_quickly()
    with moments.at():
        databases.migrated()
        if "demo" in sys.argv:
            site.seeded()


if __name__ == "__main__":
    main()
