"""Raw bytes of an input, written and read in pieces.

The database's library writes bytes as text and takes several times their size while it does: a mail
of 30 MB would cost 330 MB. In pieces it costs little more than itself.
"""

from typing import Any

from django.db import models
from django.db.models import F, Func, Value
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.query_utils import DeferredAttribute

PIECE = 2 * 1024 * 1024  # bytes read together
# Each piece written makes a new version of the whole in the database: few and large.
WRITTEN = 8 * 1024 * 1024


class InPieces(DeferredAttribute):
    """Reads a deferred value in pieces, when it is first asked for."""

    def __get__(self, instance: models.Model | None, cls: type | None = None) -> Any:
        """Return the bytes; this descriptor when asked of the class."""
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.__dict__[name] = read(instance, name)
        return instance.__dict__[name]


class RawBytesField(models.BinaryField):
    """A ``BinaryField`` that is read in pieces where a query defers it."""

    descriptor_class = InPieces

    def deconstruct(self) -> Any:
        """Return what a ``BinaryField`` does: no other column is meant."""
        name, _path, positional, named = super().deconstruct()
        return name, "django.db.models.BinaryField", positional, named


def _row(instance: models.Model) -> models.QuerySet:
    return type(instance)._base_manager.using(instance._state.db).filter(pk=instance.pk)


def read(instance: models.Model, name: str) -> bytes:
    """Return the bytes in column ``name`` of a row. Raises DoesNotExist when it is gone."""
    size = Func(F(name), function="octet_length", output_field=models.IntegerField())
    total = 0
    pieces: list[bytes] = []
    while not pieces or len(pieces) * PIECE < total:
        place = Value(len(pieces) * PIECE + 1), Value(PIECE)
        piece = Func(F(name), *place, function="substr", output_field=models.BinaryField())
        total, found = _row(instance).values_list(size, piece).get()
        pieces.append(bytes(found))
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def write(instance: models.Model, name: str, data: bytes) -> None:
    """Store ``data`` in column ``name`` of a row, in the caller's transaction."""
    for start in range(0, max(len(data), 1), WRITTEN):
        piece: Combinable = Value(data[start : start + WRITTEN], output_field=models.BinaryField())
        if start:
            piece = CombinedExpression(F(name), "||", piece, output_field=models.BinaryField())
        _row(instance).update(**{name: piece})
    instance.__dict__[name] = data
