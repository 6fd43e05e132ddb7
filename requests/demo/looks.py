"""How the demonstration's landlord looks, and the homes whose door its register does not tell."""

from io import BytesIO

from PIL import Image, ImageDraw

from agencies.logos import read_logo
from agencies.models import Dwelling, Landlord, Staircase

UNNAMED = 3  # homes to be identified, in the first street door


def dress(landlord: Landlord) -> None:
    """Give the landlord a logo and what its notices say; its colour is the program's own."""
    landlord.logo, landlord.logo_small = read_logo(_logo())
    landlord.legal_form = "office public de l’habitat (inventé)"
    landlord.siren = "000 000 000"
    landlord.publisher = "Hélène Caradec, directrice générale"
    landlord.host = "Cette démonstration tourne sur votre machine."
    landlord.privacy_contact = "Délégué à la protection des données\ndpo@palier.example"
    landlord.save()


def _logo() -> bytes:
    """Draw two doors on a landing, as a PNG."""
    picture = Image.new("RGB", (360, 150), "#ffffff")
    draw = ImageDraw.Draw(picture)
    for left, colour in ((20, "#f4b740"), (120, "#0b5058"), (220, "#a63a1e")):
        draw.rounded_rectangle((left, 15, left + 80, 135), 40, fill=colour)
        draw.rectangle((left, 75, left + 80, 135), fill=colour)
        draw.ellipse((left + 58, 85, left + 66, 93), fill="#ffffff")
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def leave_unnamed() -> None:
    """Add homes that the register does not tell apart: their caretaker is asked for the doors."""
    stairs = Staircase.objects.order_by("pk").first()
    Dwelling.objects.bulk_create(
        Dwelling(
            staircase=stairs,
            natural_key=f"99001|SANS_NUMERO|{'|' * 9}#{number}",
            floor=0,
            rooms=2,
            area=41,
            number=number,
        )
        for number in range(1, UNNAMED + 1)
    )
