"""What invented people write: tenants by family of fault, staff by step, colleagues in notes."""

from random import Random

SINCE = [
    "depuis ce matin",
    "depuis hier soir",
    "depuis lundi",
    "depuis deux jours",
    "depuis le week-end",
    "depuis une semaine",
    "depuis l'orage",
]
ENDS = ["", "", "", " Merci.", " Merci d'avance.", " Je suis là l'après-midi.", " C'est urgent."]
STARTS = ["", "", "Bonjour, ", "Bonjour, ", "Rebonjour, "]

TENANT = {
    "PLO": [
        "ça coule sous l'évier {since}, j'ai mis un seau.",
        "le robinet de la salle de bains goutte sans arrêt {since}.",
        "la chasse d'eau coule tout le temps, je ferme l'eau la nuit.",
        "l'eau s'évacue très mal dans la douche {since}.",
        "le robinet d'arrêt est trop dur, je n'arrive pas à le fermer.",
        "il y a une tache d'eau au plafond du placard {since}.",
    ],
    "CHA": [
        "les radiateurs sont froids {since}, il fait 16 degrés.",
        "plus d'eau chaude {since}, le voisin du dessus non plus.",
        "la chaudière se met en sécurité, le voyant est rouge.",
        "un seul radiateur chauffe dans tout l'appartement.",
        "la chaudière fait un bruit de cognement {since}.",
        "le thermostat ne répond plus {since}.",
    ],
    "ELE": [
        "le disjoncteur saute dès que je mets le four {since}.",
        "la prise du salon ne marche plus {since}.",
        "plus de lumière dans le couloir, j'ai changé l'ampoule.",
        "l'interrupteur de la cuisine grésille {since}.",
        "le détecteur de fumée bipe toutes les minutes.",
    ],
    "SER": [
        "la clé tourne mal dans la serrure {since}.",
        "la porte d'entrée ne ferme plus sans claquer.",
        "il me faut un badge de plus pour ma fille.",
        "la boîte aux lettres ne ferme plus {since}.",
    ],
    "MEN": [
        "le volet de la chambre est bloqué à mi-hauteur {since}.",
        "la fenêtre laisse passer l'air, on sent le froid.",
        "la poignée de la fenêtre m'est restée dans la main.",
        "la vitre de la cuisine est fêlée {since}.",
    ],
    "VMC": [
        "la ventilation ne souffle plus {since}, il y a de la buée partout.",
        "la VMC fait un bruit de moteur la nuit.",
        "les bouches d'aération sont noires.",
    ],
    "HUM": [
        "il y a des taches noires dans l'angle de la chambre {since}.",
        "le mur derrière l'armoire est humide et ça sent.",
        "les fenêtres ruissellent le matin, la peinture cloque.",
    ],
    "TOI": [
        "il pleut dans l'entrée quand le vent tourne.",
        "la gouttière déborde devant la porte {since}.",
        "une tache grandit au plafond {since}.",
    ],
    "ASC": [
        "l'ascenseur est encore arrêté {since}, je suis au sixième.",
        "la porte de l'ascenseur se rouvre sans arrêt.",
        "la cabine s'arrête dix centimètres trop bas.",
        "le bouton du 4 ne marche plus {since}.",
    ],
    "ACC": [
        "la porte du hall ne ferme plus {since}, tout le monde entre.",
        "mon interphone sonne mais on n'entend rien.",
        "mon badge ne passe plus {since}.",
    ],
    "COM": [
        "plus de lumière dans l'escalier {since}.",
        "il y a des cartons devant la porte des caves.",
        "la rampe bouge entre le deux et le trois.",
    ],
    "PRO": [
        "le hall n'a pas été lavé cette semaine.",
        "les poubelles débordent {since}.",
        "un matelas traîne dans le local {since}.",
        "le local à vélos sent très mauvais.",
    ],
    "NUI": [
        "j'ai vu des cafards dans la cuisine {since}.",
        "il y a un nid de guêpes sous le balcon {since}.",
        "on entend gratter dans la cloison la nuit.",
        "des pigeons nichent sur mon balcon {since}.",
        "j'ai des piqûres, je crois que ce sont des punaises.",
    ],
    "EXT": [
        "le lampadaire du parking est éteint {since}.",
        "l'herbe est haute autour du bâtiment.",
        "une dalle de l'allée est cassée, une dame est tombée.",
        "une voiture sans roues est là {since}.",
    ],
    "TEL": [
        "plus de télévision {since}, chez les voisins non plus.",
        "le technicien de la fibre dit que la gaine est bouchée.",
    ],
    "REV": [
        "trois carreaux de la salle de bains se décollent.",
        "le lino de l'entrée se soulève, on se prend les pieds.",
    ],
    "VOI": [
        "musique très forte chaque nuit {since}.",
        "des gens restent dans le hall tous les soirs.",
        "le chien aboie toute la journée quand ils sont partis.",
    ],
    "SIN": [
        "le constat du dégât des eaux est rempli, à qui l'envoyer ?",
        "l'expert est passé, je n'ai pas de nouvelles {since}.",
    ],
    "ADM": [
        "il me faut une attestation pour la CAF avant vendredi.",
        "j'ai changé de numéro de téléphone.",
        "je n'arrive pas à ouvrir mon compte en ligne.",
    ],
    "BAI": [
        "je quitte le logement, comment donner mon préavis ?",
        "je cherche plus grand, nous sommes cinq maintenant.",
        "je voudrais une date pour l'état des lieux.",
    ],
    "LOY": [
        "je ne comprends pas la régularisation des charges.",
        "je ne pourrai pas tout payer ce mois-ci.",
        "mon APL n'a pas été déduite {since}.",
    ],
    "ADA": [
        "la baignoire est devenue trop haute pour moi.",
        "la porte du hall est trop lourde avec mon fauteuil.",
    ],
    "TRA": [
        "le technicien n'est pas venu, j'ai attendu toute la matinée.",
        "la réparation n'a pas tenu, c'est revenu {since}.",
        "les ouvriers ont laissé des gravats sur le palier.",
    ],
}
OTHER = ["je voudrais savoir où en est ma demande.", "pouvez-vous me rappeler ?"]
FOLLOW = [
    "Toujours pareil ce matin.",
    "Merci pour la réponse rapide.",
    "J'ai envoyé la photo.",
    "Je serai absent jeudi, vendredi c'est possible.",
    "Le code de l'immeuble est chez le gardien.",
    "Ma voisine du dessous a la même chose.",
]
FOUND = [
    "C'est réparé, merci.",
    "Tout marche, merci au technicien.",
    "C'est bon pour moi.",
]
UNMENDED = [
    "Ça recommence, l'eau goutte encore.",
    "Le technicien est passé mais rien n'a changé.",
    "C'était réparé deux jours, puis pareil.",
]
NOTES = [
    "Vu avec le gardien : même problème au deuxième en janvier.",
    "Appelé le prestataire, il a la pièce.",
    "Locataire jointe par téléphone, accord pour jeudi matin.",
    "Contrat vérifié : compris dans le forfait.",
    "Logement déjà visité cette année, voir l'historique.",
    "Attention, chien dans le logement : prévenir avant de passer.",
    "Pas de réponse à l'interphone, avis de passage déposé.",
]
REPLIES = [
    "Bonjour, nous avons bien votre demande. Nous regardons avec le prestataire aujourd'hui.",
    "Bonjour, la pièce est commandée. Nous vous donnons une date dès qu'elle arrive.",
    "Bonjour, le gardien passe voir demain matin avant d'envoyer le technicien.",
    "Bonjour, nous avons prévenu l'entreprise. Elle vous appelle pour le rendez-vous.",
]
ASKS = [
    "Bonjour, pouvez-vous nous envoyer une photo de l'ensemble et une de près ?",
    "Bonjour, quels jours êtes-vous chez vous la semaine prochaine ?",
    "Bonjour, est-ce la même chose chez vos voisins de palier ?",
]
ANSWERS = [
    "Bonjour, le document est joint. Il est valable trois mois.",
    "Bonjour, votre dossier est à jour, il n'y a rien d'autre à faire.",
    "Bonjour, l'entreprise repasse avec l'ensemble du bâtiment mardi. Vous n'avez rien à préparer.",
]
REFUSALS = {
    "tenant_upkeep": "Bonjour, cet entretien est à la charge du locataire. Le gardien peut vous "
    "montrer comment faire. Si c'est usé ou dangereux, dites-le nous.",
    "not_ours": "Bonjour, cet équipement n'est pas à nous : voyez avec le fournisseur. "
    "Nous pouvons vous aider à l'appeler.",
    "already_done": "Bonjour, cette réparation a été faite le mois dernier pour tout l'immeuble.",
    "other": "Bonjour, les travaux prévus l'an prochain remplaceront cet équipement en entier.",
}
UNREACHED = "Appelé deux fois, puis message et avis de passage du gardien. Pas de réponse."
HAND_OVERS = [
    "Bail à revoir avec le quittancement.",
    "Le chiffrage dépasse le seuil de l'agence.",
    "Même panne sur trois bâtiments : à traiter ensemble.",
    "Le dossier d'assurance est suivi au siège.",
]


def opening(rng: Random, family: str) -> str:
    """A tenant's first words about a fault of this family."""
    words = rng.choice(TENANT.get(family, OTHER)).format(since=rng.choice(SINCE))
    start = rng.choice(STARTS)
    words = words if start else words[0].upper() + words[1:]
    return start + words + rng.choice(ENDS)
