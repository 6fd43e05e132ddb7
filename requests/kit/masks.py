"""The rule of what is hidden, so that nobody is recognised. Pure.

1. A count of claims of a unit, of a channel, of a family, of a contractor or of the landlord is
   shown whatever it is: it speaks of our work. A zero is a zero.
2. Where a group of persons is set apart (by where they live, or by what they are), a figure from
   one to four persons is hidden, and with it the next smallest of the same line, when what is shown
   would tell it by subtraction. A place with fewer than five homes has no figures of its own.
3. Colleagues who may open the claims behind a cell see its number: nothing is told them that their
   list of claims does not say. Representatives, companies, the public and open data see rule 2.
4. No table of figures knows a member of staff.

``PERSONS`` is the smallest group: five households, as docs/principles.md, D4 says.
"""

from collections.abc import Mapping

PERSONS = 5


def is_hidden(persons: int) -> bool:
    """Return whether a group of so many persons is too small to be spoken of; nobody is not."""
    return 0 < persons < PERSONS


def is_small_place(homes: int) -> bool:
    """Return whether so few live there that any figure would be about them."""
    return homes < PERSONS


def hidden(line: Mapping[str, int], *, total_shown: bool) -> frozenset[str]:
    """Return which cells of a line of numbers of persons are hidden.

    A single hidden cell beside a shown total could be computed: the smallest other one that is not
    zero is hidden as well, or a zero when there is none.
    """
    small = {name for name, persons in line.items() if is_hidden(persons)}
    if len(small) == 1 and total_shown and len(line) > 1:
        others = sorted(
            (name for name in line if name not in small), key=lambda n: (line[n] == 0, line[n])
        )
        small.add(others[0])
    return frozenset(small)
