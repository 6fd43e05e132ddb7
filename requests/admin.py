"""Settings for a non-engineer, by theme; and sight of stuck work.

Requests themselves and their events are not here: they change on the staff screens only. Django
finds this package; each module registers its own pages.
"""

from requests.settings import catalogue, machines, mailboxes, monitoring, texts

__all__ = ["catalogue", "machines", "mailboxes", "texts", "monitoring"]
