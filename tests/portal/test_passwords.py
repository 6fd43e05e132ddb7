"""Passwords that people here guess first are refused; phrases of one's own are not."""

import hashlib

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from agencies.models import Landlord
from portal.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def awa() -> User:
    Landlord.objects.create(name="Valmer Habitat", phone="02 40 00 00 00")
    return User(email="awa@demo.palier.example", first_name="Awa", last_name="Traoré")


@pytest.mark.parametrize(
    "password",
    [
        "motdepasse123",
        "MotDePasse2026!",
        "azertyuiop123",
        "qsdfghjklm12",
        "poiuytreza!!",
        "Nantes2026!!",
        "valmerhabitat",
        "Valmer-Habitat-2026",
        "awa@demo.palier",
        "Traoré12345678",
        "123456789012a",
        "aaaaaaaaaaaaa",
        "Bonjour-Soleil-2025",
    ],
)
def test_what_is_guessed_first_is_refused(password, awa):
    with pytest.raises(ValidationError):
        validate_password(password, awa)


@pytest.mark.parametrize(
    "password",
    ["un mot de passe long", "trois lampes bleues", "Kx7!vQ2#mP9z", "la soupe du mardi brûle"],
)
def test_a_phrase_of_ones_own_is_taken(password, awa):
    validate_password(password, awa)


@pytest.mark.parametrize("length", [10, 16, 40])
def test_the_installations_own_list_is_asked(length, awa, settings, tmp_path):
    leaked = "trois lampes bleues"
    others = [f"autre phrase numéro {n}" for n in range(500)]
    digests = (hashlib.sha1(p.encode()).hexdigest().upper()[:length] for p in [leaked, *others])
    path = tmp_path / "leaked.txt"
    path.write_text("".join(f"{digest}\n" for digest in sorted(digests)))
    settings.PALIER_BREACHED = str(path)
    for phrase in (leaked, others[0], others[-1]):
        with pytest.raises(ValidationError, match="leaked|fuit"):
            validate_password(phrase, awa)
    validate_password("quatre lampes rouges", awa)
