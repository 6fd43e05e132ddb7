"""The address of a letter: six lines of 38 characters, its town printed, all within the window."""

import io
from datetime import date

import pytest
from pypdf import PdfReader

from requests.letters import actions as letters
from requests.letters import layout, postal
from requests.letters.models import Letter
from requests.notifications.models import Delivery
from tests.factories import contact
from tests.requests.letters import ink

pytestmark = [pytest.mark.long, pytest.mark.django_db]
# NF Z 11-001: what shows in every position of the sheet, and what may show (mm).
TOP, BOTTOM, LEFT, RIGHT = 55, 79, 100, 190
FULL = [
    "MADAME MARIE-ANTOINETTE DE LA ROCHEFOU",
    "CHEZ MONSIEUR JEAN-BAPTISTE MWAMBA-WEM",
    "APPARTEMENT 412 ESCALIER B 4E ETAGE DR",
    "RESIDENCE LES GRANDS MAGNOLIAS BAT MWM",
    "128 BIS AVENUE DU MARECHAL MONTGOMERYW",
    "44800 SAINT-HERBLAIN-LES-MARAIS CEDEX9",
]


def drawn(to: list[str], **more):
    """Return the page, and the spans of its address."""
    letter = layout.Letter(
        to=to,
        sender="Les Rives",
        sender_lines=["1 place du Port", "44000 Nantes", "02 40 00 00 00"],
        office_lines=["Agence Nord", "3 rue du Lin", "44000 Nantes"],
        dated=date(2026, 11, 30),
        subject="Fuite",
        reference="ABC 123",
        promise="",
        paragraphs=["Madame, Monsieur. " * 80],
        signature=["Sonia"],
        link="https://palier.example/s/abc/",
        phone="02 40 00 00 00",
        language="fr",
        **more,
    )
    page = PdfReader(io.BytesIO(layout.draw(letter))).pages[0]
    spans = ink.spans(page)
    return page, [s for s in spans if s.left >= 95 and 50 < s.down < 85]


@pytest.mark.parametrize("registered", [False, True])
@pytest.mark.parametrize(
    "to",
    [
        ["Awa Traoré", "Porte 12", "1 rue du Lin", "99000 VALMER"],
        FULL,
        ["W" * 38] * 5 + ["44000 " + "W" * 32],
        ["Ana", "Rua das Flores 12", "4050-262 PORTO", "PORTUGAL"],
    ],
    ids=["short", "full", "widest", "abroad"],
)
def test_the_address_stands_within_the_window_and_alone(to, registered):
    page, address = drawn(to, registered=registered)
    downs = sorted({round(span.down, 1) for span in address})
    assert len(downs) == len(to)
    for span in address:
        descent, ascent = 0.25 * span.size / ink.MM, 0.75 * span.size / ink.MM
        assert span.left >= LEFT
        assert span.right <= RIGHT
        assert span.down - ascent >= TOP - 0.5
        assert span.down + descent <= BOTTOM
    others = [s for s in ink.spans(page) if s not in address]
    assert not [s for s in others if 44 < s.down < 90 and s.right > 90 and s.left < 200]
    text = page.extract_text().replace("\n", " ")
    for line in to:
        assert line in text


def test_what_is_measured_moves_with_the_ink():
    """The measure itself: a wider line ends further to the right."""
    _page, short = drawn(["Ana", "1 rue du Lin", "44000 NANTES"])
    _page, long = drawn(["Ana", "1 rue du Lin et du Chanvre", "44000 NANTES"])
    assert max(s.right for s in long) > max(s.right for s in short) + 10


def test_six_lines_of_38_stay_as_they_are():
    assert all(len(line) == 38 for line in FULL)
    assert postal.fit(FULL) == FULL


def test_more_is_shortened_and_joined_and_the_end_stays():
    long = [
        "Madame Marie-Antoinette Rochefoucauld",
        "Appartement 412",
        "Escalier B",
        "Bâtiment Les Magnolias",
        "128 bis avenue du Maréchal de Lattre-Tassigny",
        "BP 1234",
        "44800 SAINT-HERBLAIN",
        "FRANCE",
    ]
    found = postal.fit(long)
    assert len(found) <= 6
    assert max(map(len, found)) <= 38
    assert found == [
        "Madame Marie-Antoinette Rochefoucauld",
        "APT 412 ESC B BAT Les Magnolias",
        "128 bis AV du MAL de Lattre-Tassigny",
        "BP 1234",
        "44800 SAINT-HERBLAIN",
        "FRANCE",
    ]


@pytest.mark.parametrize(
    "to",
    [
        ["Awa", "x" * 39, "44000 NANTES"],
        ["Awa", "1 rue du Lin", "44000 " + "LONGUEVILLE" * 4],
        ["Awa", *(f"ligne numéro {n} tout à fait pleine et longue" for n in range(5)), "44000 A"],
        [],
        ["", " "],
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(to):
    with pytest.raises(postal.DoesNotFit) as refused:
        postal.fit(to)
    assert len(str(refused.value)) > 10


def test_a_letter_without_room_leaves_its_batch_and_its_owner_is_told(
    claim, send, sonia, clock, work
):
    address = "\n".join([*(f"Ensemble {n} du quartier bas" for n in range(7)), "44000 A"])
    contact(claim.tenant, address, kind="postal", preferred=True)
    send(claim)
    delivery = Delivery.unscoped.get(state="queued", recipient__endswith="\n44000 A")
    letters.make_batch(membership=sonia, picked={delivery.pk}, registered=set(), now=clock())
    work()
    delivery.refresh_from_db()
    assert delivery.state == "failed_permanent"
    assert "38" in delivery.answer
    assert not Letter.objects.system("test").filter(delivery=delivery).exists()
    notes = claim.messages.filter(direction="note").values_list("text", flat=True)
    assert any("38" in text for text in notes), list(notes)
