"""The words that end text messages, as people write them; and what is a request all the same."""

import pytest

from requests.inbound.sms import asks_to_stop

STOPS = (
    *("STOP", "Stop.", "stop !", "STOP SMS", "SMS STOP", "stop sms svp", "STOPSMS", "Stop tout"),
    *(
        "STOP 36179",
        "stop au 36 179",
        "Stopper",
        "STOPALL",
        "Stop all",
        "ARRET",
        "Arrêt",
        "arrêtez",
    ),
    *("Arrêter les SMS", "arrêtez vos sms", "Désabonner", "Désabonnement", "me désabonner"),
    *("Je veux me désabonner", "Désinscription", "désinscrire", "UNSUBSCRIBE", "opt-out", "OptOut"),
)
REQUESTS = (
    *(
        "Stop à la fuite d'eau au 3e",
        "Arrêtez le chauffage, il fait 30",
        "Stop le bruit des voisins",
    ),
    *("L'ascenseur s'arrête au 2", "arrêt de l'eau ?", "Annuler", "CANCEL", "END", "non", "2", ""),
    *("stopper la fuite", "Désabonnement eau chaude"),
    "stop" + "1" * 70 + "x",  # is answered at once, however its digits may be divided
)


@pytest.mark.parametrize("text", STOPS)
def test_stop_is_understood_however_it_is_spelled(text):
    assert asks_to_stop(text)


@pytest.mark.parametrize("text", REQUESTS)
def test_what_says_more_is_a_message(text):
    assert not asks_to_stop(text)
