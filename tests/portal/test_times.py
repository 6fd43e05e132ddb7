"""Dates and hours as people say them, in both languages."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from portal.templatetags import palier


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
    filled = palier.full_moment if isinstance(value, datetime) else palier.full_day
    with translation.override(language):
        assert filled(value) == want
        assert filled(None) == ""


def test_near_and_far_days_say_the_first_too():
    with translation.override("fr"):
        assert palier.day(date(2019, 5, 1)) == "1er mai 2019"
        assert palier.short_day(date(2019, 5, 1)) == "1er mai 2019"
