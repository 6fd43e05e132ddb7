"""Parse JSON bodies strictly: small, UTF-8, no NUL, no lone surrogate, limited nesting.

DRF's own parser reads without limit, believes the caller's charset and fails on deep nesting.
"""

import json

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import BaseParser

AT_MOST = 64 * 1024
DEPTH = 20


class TooLarge(APIException):
    """413: the body is larger than any claim."""

    status_code = 413
    default_code = "too_large"

    def __init__(self) -> None:
        super().__init__(_("The body is larger than 64 KB."))


class StrictJSONParser(BaseParser):
    """Parse ``application/json`` to an object. Raises ParseError, TooLarge or ValidationError."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None) -> dict:
        raw = stream.read(AT_MOST + 1)
        if len(raw) > AT_MOST:
            raise TooLarge
        try:
            data = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not valid JSON in UTF-8.")) from error
        if not isinstance(data, dict):
            raise ParseError(_("The body must be a JSON object."))
        _inspect(data, [], 0)
        return data


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _inspect(value, path: list[str], depth: int) -> None:
    """Check the whole tree. Raises at the first text that PostgreSQL cannot store."""
    if depth > DEPTH:
        raise ParseError(_("The body is nested too deeply."))
    if isinstance(value, dict):
        for name, inner in value.items():
            if not _clean(name):
                raise ParseError(_("A field name has characters that no text may have."))
            _inspect(inner, [*path, name], depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _inspect(inner, path, depth + 1)
    elif isinstance(value, str) and not _clean(value):
        problem: dict | list = [_("This text has characters that no text may have.")]
        for name in reversed(path):
            problem = {name: problem}
        raise ValidationError(problem)


def _clean(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
