"""A receiver on a real socket, an endpoint that leads to it, and a claim that things happen to."""

import pytest

from requests.webhooks import endpoints
from tests.factories import leak, member
from tests.requests.fixtures.channels import Clock, clock, work
from tests.requests.webhooks.receiver import Receiver

__all__ = ["clock", "work"]


@pytest.fixture
def receiver(settings, clock: Clock):
    """A receiver that we may call; it reads the same clock as we do."""
    settings.PALIER_HTTP_HOSTS, settings.PALIER_HTTP_PRIVATE = ["127.0.0.1"], True
    made = Receiver()
    made.clock = lambda: clock().timestamp()
    yield made
    made.stop()


@pytest.fixture
def endpoint(receiver, landlord, clock):
    """An endpoint for every event; its receiver was given both keys."""
    by = member(landlord["head"], "admin").user
    made = endpoints.make(name="ERP", address=receiver.address, events=[], by=by, now=clock())
    receiver.secret, receiver.public = endpoints.secret_of(made), made.public
    return made


@pytest.fixture
def claim(landlord, clock):
    """A leak, filed with words that no message may hold."""
    return leak(landlord, clock(), words="Mon voisin Kerouac crie", contact_phone="0612345678")
