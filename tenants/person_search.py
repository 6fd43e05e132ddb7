"""Find people by name, phone, e-mail or reference, among those that the reader may see."""

from django.db.models import Q, QuerySet

from portal import typos
from portal.phones import to_e164
from portal.text import Digits, LikeAny, digits, search_words
from tenants.matching import CIVILITIES
from tenants.models import ContactPoint, Tenant

# How many are looked at when a slip is allowed: they are then compared letter by letter.
CANDIDATES = 100
PHONE = frozenset("0123456789 \u00a0\u202f+().-/")


def phone_of(text: str) -> str:
    """Return the last nine digits when ``text`` is a whole phone number, in any spelling; or ""."""
    typed = text.strip()
    if not typed or not set(typed) <= PHONE or not to_e164(typed):
        return ""
    number = digits(typed)
    return number if len(number) == 9 else ""


def with_phone(number: str) -> list:
    """Return the keys of the people who have the number, whoever may see them, at most fifty.

    Narrow them by a scope before anything is said of them.
    """
    points = ContactPoint.objects.system("people by phone").annotate(number=Digits("value"))
    rows = points.filter(kind=ContactPoint.Kind.PHONE, number=number, failing=False)
    return list(rows.values_list("tenant", flat=True)[:50])


def by_phone(membership, number: str, most: int) -> list[Tenant]:
    """Return the people who have the number and live in the member's stock today.

    Of somebody who left, an agency does not learn the phone by trying it out.
    """
    keys = with_phone(number)
    if not keys:
        return []
    return list(Tenant.objects.at_home_with(membership).filter(pk__in=keys)[:most])


def by_mail(membership, text: str, most: int) -> list[Tenant]:
    """Return the people who have the e-mail address and live in the member's stock today."""
    points = ContactPoint.objects.system("people by e-mail").filter(
        kind=ContactPoint.Kind.EMAIL, value=text.strip().lower(), failing=False
    )
    keys = list(points.values_list("tenant", flat=True)[:50])
    if not keys:
        return []
    return list(Tenant.objects.at_home_with(membership).filter(pk__in=keys)[:most])


def by_reference(tenants: QuerySet[Tenant], text: str) -> QuerySet[Tenant]:
    """Return the one whom the rent system calls so."""
    given = "".join(text.split())[:60]
    return tenants.filter(external_ref__in={given, given.upper(), given.lower()} - {""})


def name_words(text: str) -> list[str]:
    """Return the plain words of a name, without civility."""
    return [word for word in search_words(text) if word.upper() not in CIVILITIES]


def _named(word: str) -> Q:
    if len(word) > 2:
        return Q(search__contains=word)
    return Q(search__startswith=word) | Q(search__contains=f" {word}")


def by_name(tenants: QuerySet[Tenant], text: str, most: int) -> tuple[list[Tenant], bool]:
    """Return people whose name has every word, and whether only with a slip (« Troaré »)."""
    words = name_words(text)
    if not words or len("".join(words)) < 2:
        return [], False
    exact = rows = tenants
    for word in words:
        exact = exact.filter(_named(word))
    found: list[Tenant] = list(exact.order_by("last_name", "first_name", "pk")[:most])
    if found:
        return found, False
    for word in words:
        shapes = typos.patterns(word)
        condition = _named(word)
        if shapes:
            condition |= Q(LikeAny("search", shapes))
        if typos.slips(word) > 1:
            condition |= Q(search__trigram_word_similar=word)
        rows = rows.filter(condition)
    ranked = [(errors(words, person.search), person) for person in rows[:CANDIDATES]]
    near = [row for row in ranked if row[0] is not None]
    near.sort(key=lambda row: (row[0], row[1].last_name, row[1].first_name))
    return [person for _errors, person in near[:most]], bool(near)


def errors(words: list[str], name: str) -> int | None:
    """Return the slips between what was typed and a plain name; None when it is another name."""
    known = search_words(name)
    total = 0
    for word in words:
        if any(word in one for one in known):
            continue
        if not any(typos.is_near(word, one) for one in known):
            return None
        total += min(typos.distance(word, one) for one in known)
    return total
