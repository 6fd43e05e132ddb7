"""What a step did is said as a sentence, never as « Fait : Refuser. »"""

from django.utils import translation

from portal.access import DESK_ROLES
from requests.claims.workflow import TRANSITIONS
from requests.inbox.done_words import DONE
from requests.kit.choices import STAFF_STATES, State
from requests.work_orders import panel


def test_each_step_of_a_request_or_an_order_has_its_sentence():
    taken = {name for name, row in TRANSITIONS.items() if row.roles & set(DESK_ROLES)}
    assert taken <= set(DONE)
    assert set(panel.LABELS) == set(panel.DONE)
    with translation.override("fr"):
        for words in [*DONE.values(), *panel.DONE.values()]:
            assert str(words).endswith(".")


def test_staff_do_not_read_that_we_wait_for_their_answer():
    with translation.override("fr"):
        said = {state: str(label) for state, label in STAFF_STATES}
    assert said[State.WAITING_TENANT] == "En attente du locataire"
    assert set(said) == set(State)
