"""Settings of backups and restores (docs/operations.md)."""

import os

# Nightly backups, encrypted for a public key: the folder, the key (age1…), and
# how many are kept.
PALIER_BACKUP_DIR = os.environ.get("PALIER_BACKUP_DIR", "")
PALIER_BACKUP_RECIPIENT = os.environ.get("PALIER_BACKUP_RECIPIENT", "")
PALIER_BACKUP_KEEP = int(os.environ.get("PALIER_BACKUP_KEEP", "14"))
# Settings that go into an encrypted backup, since what is restored does not work without them.
PALIER_BACKUP_KEYS = (
    "SECRET_KEY",
    "PALIER_HOOK_KEY",
    "PALIER_SMS_TOKEN",
    "PALIER_WHATSAPP_TOKEN",
    "PALIER_WHATSAPP_SECRET",
    "PALIER_PAGE_TOKEN",
    "PALIER_PAGE_SECRET",
)
# The list of erased persons, outside the database and its backups, and what erases them again
# after a restore; a dotted path, since portal may import no other app.
PALIER_ERASURE_JOURNAL = os.environ.get(
    "PALIER_ERASURE_JOURNAL", PALIER_BACKUP_DIR and f"{PALIER_BACKUP_DIR}/erasures.jsonl"
)
PALIER_REPLAY_ERASURES = "requests.privacy.journal.replay"
# What keeps messages back after a restore; a dotted path, since portal may import no other app.
PALIER_AFTER_RESTORE = "requests.jobs.queue.hold"
