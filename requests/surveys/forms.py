"""Forms to plan a wave, to answer it, and to type the code of a letter."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.clock import now
from requests.kit.choices import Channel
from requests.kit.fields import DayField
from requests.surveys.models import ALPHABET, CODE, HIGHEST, Survey, SurveyQuestion

QUESTIONS = 6
SHORTEST, LONGEST = timedelta(days=7), timedelta(days=120)
# Proposed for a first wave. The same words in each wave make them comparable.
PROPOSED = (
    ("Dans l’ensemble, êtes-vous satisfait de votre bailleur ?", "Overall, how satisfied are you?"),
    ("Le traitement de vos demandes et les réparations", "How your requests and repairs are done"),
    ("L’état de votre logement", "The condition of your home"),
    ("La propreté et l’entretien des parties communes", "How clean the shared areas are"),
    ("L’écoute et les réponses de nos équipes", "How our teams listen and answer"),
)
ENTERED = (Channel.PHONE, Channel.COUNTER, Channel.LETTER)


class PlanForm(forms.ModelForm):
    """A wave: its days, its sample, up to six questions in both languages."""

    opens = DayField(label=_("Invitations leave on"), ask=_("Give the first day."))
    closes = DayField(label=_("Last day to answer"), ask=_("Give the last day."))

    class Meta:
        model = Survey
        fields = ["name", "opens", "closes", "remind_after", "share", "asks_words"]
        labels = {
            "name": _("Name"),
            "share": _("Homes to ask, in per cent"),
            "remind_after": _("Remind once after so many days"),
            "asks_words": _("Ask for their own words too"),
        }
        error_messages = {"name": {"required": _("Give it a name.")}}
        help_texts = {
            "name": _("Seen by colleagues and representatives, like “Autumn 2026”."),
            "share": _(
                "Drawn at random, the same share in each agency. Nobody is asked twice within a "
                "year; who refused is never asked."
            ),
        }

    def __init__(self, *args: Any, questions: Iterable[SurveyQuestion] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        texts = [(one.text_fr, one.text_en) for one in questions] or list(PROPOSED)
        for number in range(1, QUESTIONS + 1):
            given = texts[number - 1] if number <= len(texts) else ("", "")
            for place, language in enumerate(("fr", "en")):
                self.fields[f"question_{number}_{language}"] = forms.CharField(
                    label=self._label(number, language),
                    max_length=160,
                    required=number == 1,
                    initial=given[place],
                    help_text=_("Overall satisfaction: the same words in every wave.")
                    if number == 1 and language == "fr"
                    else "",
                )

    @staticmethod
    def _label(number: int, language: str) -> str:
        words = _("Question %(number)s, in French")
        if language == "en":
            words = _("Question %(number)s, in English")
        return str(words) % {"number": number}

    def clean(self) -> dict[str, Any]:
        """Check the days, and that each question is there in both languages."""
        data = super().clean() or self.cleaned_data
        opens, closes = data.get("opens"), data.get("closes")
        if opens and opens < timezone.localdate(now()):
            self.add_error("opens", _("Give a day that is still to come."))
        if opens and closes and not SHORTEST <= closes - opens <= LONGEST:
            self.add_error("closes", _("Leave people from one week to four months to answer."))
        elif opens and closes and opens + timedelta(days=data.get("remind_after") or 0) >= closes:
            self.add_error("remind_after", _("The reminder must leave before the last day."))
        for number in range(2, QUESTIONS + 1):
            both = [data.get(f"question_{number}_{language}") for language in ("fr", "en")]
            if any(both) and not all(both):
                missing = "en" if both[0] else "fr"
                self.add_error(
                    f"question_{number}_{missing}", _("Write it in both languages, or in none.")
                )
        return data

    def questions(self) -> list[tuple[str, str]]:
        """Return the questions that were written: French, English."""
        data = self.cleaned_data
        pairs = [
            (data.get(f"question_{n}_fr") or "", data.get(f"question_{n}_en") or "")
            for n in range(1, QUESTIONS + 1)
        ]
        return [pair for pair in pairs if all(pair)]


class AnswerForm(forms.Form):
    """The questionnaire: each question from 0 to 10 or left out, and own words."""

    def __init__(self, *args: Any, survey: Survey, entered: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = list(survey.questions.all())
        for question in self.asked:
            self.fields[f"q{question.pk}"] = forms.TypedChoiceField(
                label=str(question),
                coerce=int,
                required=False,
                empty_value=None,
                choices=[(str(mark), str(mark)) for mark in range(HIGHEST + 1)],
                widget=forms.RadioSelect,
            )
        if survey.asks_words:
            self.fields["words"] = forms.CharField(
                label=_("In your own words"),
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text=_(
                    "No name, please. Something is broken or dangerous? File a request or call: "
                    "here nobody reads it in time."
                ),
            )
        if entered:
            self.fields["channel"] = forms.ChoiceField(
                label=_("How did the person answer?"),
                choices=[(value, Channel(value).label) for value in ENTERED],
                widget=forms.RadioSelect,
                error_messages={"required": _("Say how the person answered.")},
            )

    def scales(self) -> list:
        """Return the bound fields of the questions."""
        return [self[f"q{question.pk}"] for question in self.asked]

    def others(self) -> list:
        """Return the other bound fields."""
        return [self[name] for name in ("words", "channel") if name in self.fields]

    def clean(self) -> dict[str, Any]:
        """Refuse an empty questionnaire."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not self.marks() and not data.get("words"):
            first = f"q{self.asked[0].pk}" if self.asked else None
            self.add_error(first, gettext("Answer at least one question."))
        return data

    def marks(self) -> dict[int, int]:
        """Return the marks that were given, by key of the question."""
        given = {one.pk: self.cleaned_data.get(f"q{one.pk}") for one in self.asked}
        return {key: mark for key, mark in given.items() if mark is not None}


class CodeForm(forms.Form):
    """The code printed in a letter."""

    code = forms.CharField(
        label=_("Code of the letter"),
        max_length=30,
        help_text=_("Twelve letters and digits, like 7K4Q-2M9X-HJ3P."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
        error_messages={"required": _("Write the code of the letter.")},
    )

    def clean_code(self) -> str:
        """Return the twelve characters as they are kept."""
        typed = "".join(c for c in self.cleaned_data["code"] if c.isalnum()).upper()
        if len(typed) != CODE or set(typed) - set(ALPHABET):
            raise forms.ValidationError(_("The code has twelve letters and digits."))
        return typed
