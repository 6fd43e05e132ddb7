"""Dates and hours as people say them, in both languages."""

import re
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.utils import translation

from portal import dates


@pytest.mark.parametrize(
    ("language", "value", "want"),
    [
        ("fr", date(2025, 12, 1), "1er décembre 2025"),
        ("fr", date(2025, 12, 11), "11 décembre 2025"),
        ("en", date(2025, 12, 1), "1 December 2025"),
        # Midnight in Paris is still the evening before in UTC.
        ("fr", datetime(2025, 11, 30, 23, 5, tzinfo=UTC), "1er décembre 2025, 0\u00a0h\u00a005"),
        ("en", datetime(2025, 12, 1, 9, 0, tzinfo=UTC), "1 December 2025, 10\u00a0AM"),
    ],
)
def test_the_first_of_a_month_in_each_language(language, value, want):
    filled = dates.full_moment if isinstance(value, datetime) else dates.full_day
    with translation.override(language):
        assert filled(value) == want
        assert filled(None) == ""


def test_near_and_far_days_say_the_first_too():
    with translation.override("fr"):
        assert dates.day(date(2019, 5, 1)) == "1er mai 2019"
        assert dates.short_day(date(2019, 5, 1)) == "1er mai 2019"


def test_short_days_have_the_printers_abbreviations_and_the_year_of_another_year():
    short = {
        "fr": {
            date(2026, 12, 1): "1er déc.",
            date(2026, 6, 5): "5 juin",
            date(2026, 7, 17): "17 juil.",
        },
        "en": {date(2026, 11, 27): "27 Nov", date(2026, 12, 1): "1 Dec"},
    }
    for language, days in short.items():
        with translation.override(language):
            for value, want in days.items():
                assert dates.short_day(value) == want
    with translation.override("fr"):
        assert dates.short_day(date(2020, 9, 1)) == "1er sept. 2020"


@pytest.mark.parametrize(
    ("language", "value", "want"),
    [
        ("fr", datetime(2026, 11, 27, 22, 12, tzinfo=UTC), "23 h 12"),
        ("en", datetime(2026, 11, 27, 22, 21, tzinfo=UTC), "11:21 PM"),
        ("fr", time(14, 0), "14 h"),
        ("en", time(12, 0), "12 PM"),
    ],
)
def test_hours(language, value, want):
    with translation.override(language):
        assert dates.clock(value) == want.replace(" ", "\u00a0")


# What may write a date or an hour without portal/dates.py, and why.
MACHINES = {
    "portal/dates.py": "the formatter",
    "portal/dev/mailcatcher.py": "names of files",
}
FORMATTERS = re.compile(r"strftime|\b(?:date|time)_format\b|\bnaturalday\b|format_datetime")
# In an f-string: only ISO 8601, for machines and spreadsheets, and keys of jobs.
SPELLED = re.compile(r"\{[^{}]*?:(%[^{}]*)\}")
ISO = re.compile(r"%Y-?%m-?%d(?:[T ]?%H:?%M(?::?%S)?Z?)?|%H:%M")
ROOMS = ("portal", "agencies", "tenants", "requests")
PYTHON = [
    path
    for room in ROOMS
    for path in (settings.BASE_DIR / room).rglob("*.py")
    if "migrations" not in path.parts
]
TEMPLATES = [
    path
    for kind in ("html", "txt")
    for path in (settings.BASE_DIR / "templates").rglob(f"*.{kind}")
]
FILTER = re.compile(r"\|(date|time|timesince|timeuntil|naturaltime|naturalday)\b(:'c'|:\"c\")?")
# A name that holds a date or an hour, without a filter that writes it.
BARE = re.compile(
    r"(?:\{\{ *|=)(?:[a-z_]+\.)+"
    r"(?:at|day|starts|ends|opens|closes|expires|[a-z]+_(?:at|on|day|end))(?=[ }%])"
)
# Something else under such a name: a button's words, a field of a form.
NO_DATES = {"help.go_on", "lease.form.ends", "reply.promise_at", "aside_form.promise_at"}


def test_only_the_formatter_writes_dates_and_hours_in_python():
    found = []
    for path in PYTHON:
        name, source = str(path.relative_to(settings.BASE_DIR)), path.read_text()
        if name in MACHINES:
            continue
        found += [f"{name}: {word}" for word in FORMATTERS.findall(source)]
        found += [f"{name}: {how}" for how in SPELLED.findall(source) if not ISO.fullmatch(how)]
    assert found == []


def test_only_the_formatter_writes_dates_and_hours_in_templates():
    found = []
    for path in TEMPLATES:
        name, source = str(path.relative_to(settings.BASE_DIR)), path.read_text()
        found += [f"{name}: {m.group()}" for m in FILTER.finditer(source) if not m.group(2)]
        found += [
            f"{name}: {m.group()}"
            for m in BARE.finditer(source)
            if m.group().strip("{ =") not in NO_DATES
        ]
    assert found == []


def test_scripts_write_hours_as_the_formatter_does():
    for path in (settings.BASE_DIR / "static" / "js").glob("*.js"):
        source = path.read_text()
        assert not re.search(r"toLocale(?:Date|Time)?String|DateTimeFormat", source), path.name


@pytest.mark.parametrize(
    "line",
    ["{{ row.at }}", "{{ claim.promise_at }}", "{% blocktranslate with when=x.due_on %}"],
)
def test_a_bare_date_is_found(line):
    assert BARE.search(line)
    assert not BARE.search(re.sub(r"(\w)( ?[}%])", r"\1|day\2", line, count=1))


@pytest.mark.parametrize(
    ("language", "hours", "want"),
    [
        ("fr", 4, "mardi 1er décembre, de 8 h à 12 h"),
        ("en", 4, "Tuesday 1 December, from 8 AM to 12 PM"),
        ("fr", 28, "du mardi 1er décembre, 8 h au mercredi 2 décembre, 12 h"),
    ],
)
def test_a_period_says_its_day_once(language, hours, want):
    starts = datetime(2026, 12, 1, 7, tzinfo=UTC)
    span = SimpleNamespace(starts=starts, ends=starts + timedelta(hours=hours))
    with translation.override(language):
        assert dates.period(span) == want.replace(" h", "\u00a0h").replace(
            " AM", "\u00a0AM"
        ).replace(" PM", "\u00a0PM")
