"""What invented people write after filing: tenants, staff by step, colleagues in notes."""

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
    "Ça recommence comme avant.",
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
ANSWERS = [  # to what an office settles
    "Bonjour, le document est joint. Il est valable trois mois.",
    "Bonjour, votre dossier est à jour, il n'y a rien d'autre à faire.",
    "Bonjour, c'est corrigé. Vous le verrez sur votre prochain avis d'échéance.",
]
ADVICE = [  # to a fault that needs no visit of its own
    "Bonjour, l'entreprise repasse avec l'ensemble du bâtiment mardi. Vous n'avez rien à préparer.",
    "Bonjour, le gardien a fait le nécessaire ce matin. Dites-nous si cela recommence.",
    "Bonjour, c'est déjà commandé pour la cage entière. Le gardien affiche la date dans le hall.",
]
REFUSALS = {
    "tenant_upkeep": "Bonjour, cet entretien est à la charge du locataire. Le gardien peut vous "
    "montrer comment faire. Si c'est usé ou dangereux, dites-le nous.",
    "not_ours": "Bonjour, cet équipement n'est pas à nous : voyez avec le fournisseur. "
    "Nous pouvons vous aider à l'appeler.",
    "already_done": "Bonjour, cette réparation a été faite le mois dernier pour tout l'immeuble.",
    "other": "Bonjour, nous sommes venus voir : tout est en ordre. Dites-nous si cela revient.",
}
UNREACHED = "Appelé deux fois, puis message et avis de passage du gardien. Pas de réponse."
HAND_OVERS = [
    "Bail à revoir avec le quittancement.",
    "Le chiffrage dépasse le seuil de l'agence.",
    "Même panne sur trois bâtiments : à traiter ensemble.",
    "Le dossier d'assurance est suivi au siège.",
]
