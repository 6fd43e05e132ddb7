"""Name the provider behind a mail address: who must be asked when it refuses our mail. Pure."""

PROVIDERS = {
    "Orange": "orange.fr wanadoo.fr orange.com voila.fr",
    "Free": "free.fr aliceadsl.fr libertysurf.fr freesbee.fr",
    "SFR": "sfr.fr neuf.fr cegetel.net club-internet.fr numericable.fr 9online.fr",
    "Bouygues Telecom": "bbox.fr bouygtel.fr",
    "La Poste": "laposte.net",
    "Gmail": "gmail.com googlemail.com",
    "Outlook": "outlook.com outlook.fr hotmail.com hotmail.fr live.com live.fr msn.com",
    "Yahoo": "yahoo.com yahoo.fr ymail.com rocketmail.com aol.com aol.fr",
    "iCloud": "icloud.com me.com mac.com",
    "Proton": "proton.me protonmail.com pm.me",
}
BY_DOMAIN = {domain: name for name, domains in PROVIDERS.items() for domain in domains.split()}


def provider_of(address: str) -> str:
    """Return the name of whoever keeps the mailbox, or the domain of the address."""
    domain = address.rpartition("@")[2].strip().lower()
    return BY_DOMAIN.get(domain, domain[:80])
