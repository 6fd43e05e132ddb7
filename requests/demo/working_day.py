"""The first agency's working day: the open claims an agent finds when the inbox is opened."""

from datetime import timedelta
from typing import NamedTuple

from portal.access import Role
from requests.claims.events import Event
from requests.demo import claims
from requests.demo.claims import IN, NOTE, OUT
from requests.demo.landlord import Home
from requests.demo.world import World
from requests.kit.choices import Channel

WEB, PHONE, SMS, EMAIL = Channel.WEB, Channel.PHONE, Channel.SMS, Channel.EMAIL


class Entry(NamedTuple):
    """One more line of the conversation. ``photos`` names a subject of pictures.py."""

    direction: str
    channel: str
    text: str
    photos: str = ""


class Script(NamedTuple):
    """One claim and its conversation.

    ``share`` is the part of the time until the promise that has passed.
    """

    category: str
    channel: str
    share: float
    stage: str
    words: str
    more: tuple[Entry, ...] = ()


DAY = (
    Script(
        "PLO-03",
        PHONE,
        0.72,
        "received",
        "Ça coule sous l’évier depuis ce matin, j’ai mis un seau. Le robinet d’arrêt est dur.",
        (
            Entry(OUT, SMS, "Bonjour, nous avons bien noté votre demande : fuite sous évier."),
            Entry(IN, SMS, "Voilà les photos", "leak"),
            Entry(
                NOTE,
                WEB,
                "Même colonne que la fuite du deuxième en janvier. "
                "Je peux fermer l’eau du montant si besoin.",
            ),
        ),
    ),
    Script(
        "CHA-04",
        SMS,
        0.9,
        "in_review",
        "Le radiateur du salon est froid depuis deux jours, les autres vont bien.",
        (
            Entry(OUT, SMS, "Bonjour, le robinet est-il ouvert à fond ?"),
            Entry(IN, SMS, "Oui, à fond. Toujours froid."),
        ),
    ),
    Script(
        "ASC-02",
        WEB,
        0.35,
        "received",
        "L’ascenseur est arrêté au 3e depuis 8 h. Sept foyers sont bloqués en haut.",
        (Entry(NOTE, WEB, "Panneau posé dans le hall. Ascensoriste appelé à 8 h 40."),),
    ),
    Script(
        "ELE-03",
        Channel.COUNTER,
        0.5,
        "received",
        "Plus de courant dans la cuisine, le frigo est sur une rallonge.",
    ),
    Script(
        "ACC-02",
        Channel.ROUND,
        0.2,
        "received",
        "Porte du hall 2 forcée cette nuit, la gâche est tordue.",
        (Entry(NOTE, WEB, "Photo prise pendant la ronde. Fermée avec une chaîne.", "door"),),
    ),
    Script(
        "HUM-02",
        WEB,
        0.8,
        "in_review",
        "Des taches noires dans l’angle de la chambre, ça revient après le nettoyage.",
        (Entry(IN, WEB, "Deux photos de l’angle.", "mould"),),
    ),
    Script(
        "ADM-03",
        WEB,
        0.3,
        "received",
        "Il me faut une attestation de loyer pour la CAF avant vendredi.",
    ),
    Script(
        "NUI-02",
        Channel.LETTER,
        0.45,
        "received",
        "J’ai vu des cafards dans la cuisine, près de la colonne.",
    ),
    Script(
        "PLO-05",
        PHONE,
        0.15,
        "received",
        "La chasse d’eau coule sans arrêt, je ferme le robinet la nuit.",
    ),
    Script(
        "MEN-03",
        Channel.SOCIAL,
        0.4,
        "in_review",
        "Le volet roulant de la chambre est bloqué à mi-hauteur.",
        (Entry(IN, Channel.SOCIAL, "Photo", "window"),),
    ),
    Script(
        "COM-01",
        WEB,
        0.1,
        "received",
        "Plus de lumière sur le palier du 4e.",
    ),
    Script("PLO-04", EMAIL, 0.3, "waiting", "Le robinet de la cuisine goutte depuis une semaine."),
    Script("SER-05", PHONE, 0.2, "waiting", "La clé tourne mal dans la serrure."),
    Script("VMC-02", WEB, 0.5, "waiting", "La ventilation ne souffle plus."),
    Script("CHA-12", PHONE, 0.4, "planned", "Le thermostat ne répond plus."),
    Script("MEN-04", WEB, 0.6, "planned", "La fenêtre du salon laisse passer l’air."),
    Script("ELE-05", WEB, 0.7, "done", "Le disjoncteur saute dès que je mets le four."),
    Script("PRO-03", WEB, 0.5, "done", "Un matelas traîne devant le local à poubelles."),
)
BEFORE = ((6, "PLO-03"), (19, "PLO-03"))  # days ago, in the staircase of the first claim


def build(world: World) -> None:
    """Write two past leaks in the same staircase, then the day's claims, one home each."""
    homes = [home for home in world.homes if home.unit == 0]
    first = homes[0]
    beside = [home for home in homes[1:] if home.staircase == first.staircase] or homes
    for number, (days, code) in enumerate(BEFORE):
        at = world.now - timedelta(days=days + 6, hours=3)
        claims.build_ended_claim(world, beside[number % len(beside)], world.by_code[code], at)
    known = [home for home in homes if home.dwelling in world.holders]
    for number, script in enumerate(DAY):
        _play(world, known[number * 11 % len(known)], script)


def _play(world: World, home: Home, script: Script) -> None:
    category = world.by_code[script.category]
    at = world.recent(category, script.share)
    holder = world.holders[home.dwelling][0]
    history, unit = claims.file(world, home, holder, category, at, script.channel, script.words)
    pace = (world.now - history.at) / (3 * len(script.more) + 3)
    for entry in script.more:
        history.at += pace
        author = None
        if entry.direction != IN:
            author = world.member(0, Role.CARETAKER if entry.direction == NOTE else Role.AGENT)
        key = history.say(entry.direction, entry.channel, entry.text, author)
        if entry.direction == OUT:
            history.event(Event.MESSAGE_OUT, Role.AGENT, author, message=str(key))
        elif entry.direction == IN:
            history.event(Event.MESSAGE_IN, Role.TENANT, message=str(key))
        for picture in world.photos.get(entry.photos, ())[:2]:
            history.photo(picture, key)
    claims.advance_to_stage(world, history, unit, script.stage)
    history.write()
