"""Ask once what several parts of one page ask: it does not change while the page is drawn."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
_kept: ContextVar[dict[Hashable, object] | None] = ContextVar("answers of one page", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Keep the answers of ``once`` within the block, or the decorated function.

    For what only reads: an action must see what it has just written.
    """
    before = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(before)


def is_reading_once() -> bool:
    """Return whether answers are kept now."""
    return _kept.get() is not None


def once(key: Hashable, compute: Callable[[], T]) -> T:
    """Return what ``compute`` returns, kept under ``key`` while a page is drawn."""
    kept = _kept.get()
    if kept is None:
        return compute()
    if key not in kept:
        kept[key] = compute()
    return kept[key]  # type: ignore[return-value]


def remember(key: Hashable, value: object) -> None:
    """Keep an answer that came with something else; for nothing where answers are not kept."""
    kept = _kept.get()
    if kept is not None:
        kept.setdefault(key, value)
