"""What pages, boards and files say of a wave's groups: names, and rows of what is shown."""

from collections.abc import Mapping

from django.utils.text import capfirst

from agencies.models import Membership, Unit
from requests.kit.choices import Channel
from requests.surveys.results import Found, Group


def unit_names() -> dict[str, str]:
    """Return the names of the units by code."""
    return dict(Unit.objects.values_list("code", "name"))


def channel_name(key: str) -> str:
    """Return the name of a channel; « — » for those whose channel is not chosen yet."""
    return capfirst(str(Channel(key).label)) if key in Channel.values else "—"


def own_unit(membership: Membership) -> str | None:
    """Return the code of the one unit that the member compares with its own past; None for all."""
    return None if membership.unit.kind == Unit.Kind.HEAD_OFFICE else membership.unit.code


def shown_groups(
    found: Found, names: Mapping[str, str], own: str | None = None
) -> list[tuple[str, Group]]:
    """Return the units in alphabetical order, or ``own`` alone, then the channels; with names."""
    units = sorted(
        ((names.get(one.key, one.key), one) for one in found.units if own in (None, one.key)),
        key=lambda pair: pair[0],
    )
    return [*units, *((channel_name(one.key), one) for one in found.channels)]
