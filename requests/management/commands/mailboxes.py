"""`manage.py mailboxes`: wait at every mailbox for new mail, until stopped."""

import signal

from django.core.management.base import BaseCommand

from portal.clock import now
from requests.inbound.mailbox_watch import Watcher


class Command(BaseCommand):
    help = "Wait at every mailbox (IMAP IDLE) and read new mail at once, until stopped."

    def handle(self, *args, **options) -> None:
        watcher = Watcher(now)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, watcher.stop)
        watcher.run()
