"""The landlord's own words for a message, in the place of the product's."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from requests.notifications import texts


class MessageTextManager(models.Manager):
    """Look up the landlord's own words."""

    def body_for(self, event: str, channel: str, language: str) -> str | None:
        """Return the text in use for an event, to be filled; None: use the product's own words.

        ``language`` is a code such as "fr" or "en-gb"; a language without texts gives None.
        """
        found = self.filter(event=event, channel=channel, language=language[:2], active=True)
        return found.values_list("body", flat=True).first()


class MessageText(models.Model):
    """What is said at one event, by one channel, in one language. ``body`` holds variables in
    braces (requests/notifications/texts.py); an inactive one leaves the product's own words."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        SMS = "sms", _("SMS")
        LETTER = "letter", _("letter")

    class Language(models.TextChoices):
        FRENCH = "fr", _("French")
        ENGLISH = "en", _("English")

    event = models.CharField(_("event"), max_length=30, choices=texts.EVENTS)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    language = models.CharField(_("language"), max_length=5, choices=Language)
    body = models.TextField(_("text"), max_length=4000)
    active = models.BooleanField(
        _("in use"), default=True, help_text=_("Otherwise Palier’s own words are sent.")
    )

    objects = MessageTextManager()

    class Meta:
        verbose_name = _("message text")
        verbose_name_plural = _("message texts")
        ordering = ["event", "channel", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "channel", "language"], name="one_text_per_event"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()} · {self.get_channel_display()} · {self.language}"

    def clean(self) -> None:
        """Refuse a variable that nobody would fill in, and a text that nobody would read."""
        if faults := texts.text_faults(self.body, without=texts.unavailable_names(self.event)):
            raise ValidationError({"body": faults})
        if self.event in texts.PUBLIC and self.channel != self.Channel.SMS:
            told = _("This is said by messaging, which is worded like a text message: choose SMS.")
            raise ValidationError({"channel": told})
