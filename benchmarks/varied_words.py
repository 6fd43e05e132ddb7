"""Names and words for landlords that are measured: many are rare, as among real people.

All is invented from syllables, so nobody is meant. Drawn with the same seed each time.
"""

from itertools import product
from random import Random

from requests.demo import names

LAST_NAMES, SENTENCES = 24_000, 40_000
STARTS = (
    "Ba Be Bo Bri Ca Cha Che Cor Da De Del Du Fa Fer Fon Ga Ger Gou Gui Ha Her Ja Jo Ka Ker Kou"
)
STARTS += " La Le Lo Lu Ma Mar Mer Mo Mou Na No Ou Pa Per Pi Pou Qué Ra Ri Ro Rou Sa Se So Sou Ta"
STARTS += " Té Tho Tra Va Ver Vi Wa Yo Za Ze"
MIDDLES = (
    "bi bou ca char da dou fe ga gi la le li ma mé mi na ni no pa ra ri ro ru sa si ta ti va vi"
)
ENDS = "ble bert cault chet court dier din doux fort gnard lain lard let lier lin mand mat neau net"
ENDS += " nier not quet rand rault ret riau rier rin rot roux sard seau sier son tier tin ton vin"
PLACES = "dans la cuisine|dans la salle de bains|dans le couloir|au cellier|dans la chambre du fond"
PLACES += "|sur le balcon|dans l’entrée|au sous-sol|près du compteur|derrière la baignoire"
PLACES += "|au plafond du séjour|sous la fenêtre de gauche|dans les toilettes|au parking, niveau -1"
SINCE = "Cela dure depuis hier|C’est la troisième fois cet hiver|Depuis l’orage|Depuis les travaux"
SINCE += "|Cela revient chaque soir|Depuis la visite du plombier|Depuis lundi|Depuis deux semaines"
SINCE += "|Cela a commencé cette nuit|Depuis le changement du robinet"
SEEN = "{0} l’a constaté aussi|je l’ai dit à {0}|{0} du dessous en souffre|demandez {0} à la loge"
SEEN += "|{0} est passé sans rien faire|la clé est chez {0}|{0} peut ouvrir le matin"
THINGS = "l’appareil porte le numéro|la plaque indique|le compteur affiche|la facture est la"
THINGS += "|la marque est|le dossier précédent est le"


def last_names() -> list[str]:
    """Return distinct names; the first are common ones, so the frequent ones are familiar."""
    made = [f"{a}{b}{c}" for a, b, c in product(STARTS.split(), MIDDLES.split(), ENDS.split())]
    Random("last names").shuffle(made)
    return list(dict.fromkeys([*names.LAST, *made]))[:LAST_NAMES]


def first_names() -> list[str]:
    """Return first names, simple ones first, then compound ones."""
    simple = [*names.WOMEN, *names.MEN]
    compound = [f"{a}-{b}" for a, b in product(simple[:30], simple) if a != b]
    return list(dict.fromkeys([*simple, *compound]))


def sentences() -> list[str]:
    """Return sentences that tenants may add; each names somebody and a number of its own."""
    rng, people = Random("sentences"), last_names()
    places, since, seen, things = (t.split("|") for t in (PLACES, SINCE, SEEN, THINGS))
    found = []
    for number in range(SENTENCES):
        somebody = f"{rng.choice(['M.', 'Mme'])} {people[int(len(people) * rng.random() ** 2)]}"
        code = f"{rng.choice('ABDEFKLMRSTV')}{rng.choice('AEIOUXZ')}-{number * 7919 % 99_991:05}"
        text = f"{rng.choice(since)}, {rng.choice(places)} ; {rng.choice(seen).format(somebody)}"
        found.append(f"{text}, {rng.choice(things)} {code}.")
    return found
