"""Short mails to staff: a mail server that is away stops nothing that was done."""

import logging

import pytest
from django.db import transaction
from django.test import override_settings

from portal.notices import mail_after_commit


@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_away_is_logged(caplog):
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with (
        override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1),
        caplog.at_level(logging.ERROR),
        transaction.atomic(),
    ):
        mail_after_commit("claire@example.test", "A role waits", "Look.")
    assert "mail_after_commit" in caplog.text
