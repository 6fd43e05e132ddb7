"""The landlord itself: how it is reached, how it looks, what the law wants it to say."""

import base64
import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.colours import mixed, white_contrast

SENDER = _("3 to 11 letters and digits, at least one letter, without accents.")


def dark_enough(colour: str) -> None:
    """Refuse a colour on which white letters are hard to read (WCAG 1.4.3: 4.5 to 1)."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        raise ValidationError(_("Write the colour as # and six digits or letters: #0A3A40."))
    if white_contrast(colour) < 4.5:
        raise ValidationError(_("White letters would be hard to read on it: choose a darker one."))


def as_picture(png: bytes | memoryview) -> str:
    """Return the bytes of a PNG as the address of a picture, "" for none."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}" if png else ""


class Accessibility(models.TextChoices):
    """What the last audit found; without any audit a site is not compliant."""

    NONE = "none", _("not compliant")
    PARTIAL = "partial", _("partially compliant")
    FULL = "full", _("fully compliant")


class Landlord(models.Model):
    """The landlord's own details; one row, or none before they are filled in."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(
        _("phone"), max_length=30, help_text=_("The number that every page and message shows.")
    )
    on_call_phone = models.CharField(
        _("on-call phone"),
        max_length=30,
        blank=True,
        help_text=_("For emergencies when the agencies are closed."),
    )
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    address = models.TextField(
        _("postal address"), blank=True, help_text=_("As on an envelope: it heads the letters.")
    )
    opening_fr = models.CharField(
        _("when you can be reached, in French"),
        max_length=200,
        blank=True,
        help_text=_("One sentence, shown beside the phone number."),
    )
    opening_en = models.CharField(
        _("when you can be reached, in English"), max_length=200, blank=True
    )

    # How it looks: in the head of every page, mail, letter and PDF.
    colour = models.CharField(
        _("colour"),
        max_length=7,
        blank=True,
        validators=[dark_enough],
        help_text=_("Of the head of every page, with white letters on it: #0A3A40 for example."),
    )
    logo = models.BinaryField(blank=True, default=b"", db_default=b"")  # PNG, for paper
    logo_small = models.BinaryField(blank=True, default=b"", db_default=b"")  # PNG, for screens
    sms_sender = models.CharField(
        _("sender of text messages"),
        max_length=11,
        blank=True,
        validators=[RegexValidator(r"^(?=.*[A-Za-z])[A-Za-z0-9 ]{3,11}$", SENDER)],
        help_text=_(
            "3 to 11 letters and digits, without accents, where your provider allows names. "
            "Nobody can answer to a name: leave it empty if tenants answer by text message."
        ),
    )
    # What the law wants to be said: law no. 2004-575, articles 1-1; GDPR, article 13.
    legal_form = models.CharField(
        _("legal form"),
        max_length=120,
        blank=True,
        help_text=_("For example: public housing office."),
    )
    siren = models.CharField(
        _("SIREN number"), max_length=11, blank=True, validators=[RegexValidator(r"^(\d ?){9}$")]
    )
    publisher = models.CharField(
        _("who answers for what is published"),
        max_length=120,
        blank=True,
        help_text=_("Usually the director: name and function."),
    )
    host = models.TextField(
        _("who hosts the site"), blank=True, help_text=_("Name, address and phone of the host.")
    )
    privacy_contact = models.TextField(
        _("data-protection officer"),
        blank=True,
        help_text=_("How to reach the officer: e-mail, postal address."),
    )
    # The accessibility statement: decree no. 2019-768 and its order of 20 September 2019.
    accessibility = models.CharField(
        _("accessibility, as the last audit found it"),
        max_length=7,
        choices=Accessibility,
        default=Accessibility.NONE,
        db_default=Accessibility.NONE,
    )
    audited_on = models.DateField(_("date of the accessibility audit"), null=True, blank=True)
    audited_by = models.CharField(_("who made the accessibility audit"), max_length=160, blank=True)
    audit_rate = models.PositiveSmallIntegerField(
        _("criteria respected, %"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    inaccessible = models.TextField(
        _("what is not accessible"), blank=True, help_text=_("One thing a line, and why.")
    )
    accessibility_plan = models.URLField(_("address of the accessibility plan"), blank=True)

    class Meta:
        verbose_name = _("landlord")
        verbose_name_plural = _("landlord")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_landlord")]

    def __str__(self) -> str:
        return self.name

    @property
    def small_logo(self) -> str:
        """Return the logo for screens as the address of a picture: it costs no request."""
        return as_picture(self.logo_small)

    @property
    def paper_logo(self) -> str:
        """Return the logo for paper as the address of a picture."""
        return as_picture(self.logo)

    @property
    def ink(self) -> str:
        """Return its colour for papers and mails; the program's own without one."""
        return self.colour if re.fullmatch(r"#[0-9A-Fa-f]{6}", self.colour) else "#0B5058"

    @property
    def tokens(self) -> str:
        """Return the style tokens of its colour; none without one (styles/tokens.css)."""
        if not re.fullmatch(r"#[0-9A-Fa-f]{6}", self.colour):
            return ""
        return (
            f"--band:{self.colour};--band-2:{mixed(self.colour, '#000000', 0.2)};"
            f"--band-rule:{mixed(self.colour, '#ffffff', 0.6)};"
            f"--on-band-2:{mixed(self.colour, '#ffffff', 0.9)};--fill:{self.colour}"
        )

    @property
    def opening(self) -> str:
        """Return the hours at which a person answers, in the language of the page."""
        english = (get_language() or "fr").startswith("en")
        return (english and self.opening_en) or self.opening_fr
