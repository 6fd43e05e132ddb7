"""Drafts of the catalogue: kept, rehearsed on past words, published together, moved as a file."""

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from agencies.imports.tables import canonical, open_table, wrong_format
from portal import setting_changes
from portal.models import User
from portal.setting_values import plain
from requests.catalogue import search
from requests.catalogue.models import Category
from requests.claims.event_models import Message
from requests.console.models import CategoryDraft
from requests.console.words_forms import CategoryForm, publish

PAST = 200  # requests whose first words are tried
FIELDS = CategoryForm.Meta.fields
TRUE = frozenset({"1", "OUI", "O", "YES", "Y", "TRUE", "VRAI", "X"})


def as_query(typed: Mapping[str, list[str]]) -> QueryDict:
    """Return what was typed as a form reads it."""
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, values)
    return data


def typed_of(category: Category) -> dict[str, list[str]]:
    """Return the form of a category as if it had been typed."""
    form = CategoryForm(instance=category)
    typed: dict[str, list[str]] = {}
    for name, field in form.fields.items():
        value = form[name].value()
        if isinstance(field.widget, forms.MultiWidget):
            parts: list = field.widget.decompress(value) or []
            typed |= {f"{name}_{n}": [str(part)] for n, part in enumerate(parts)}
        elif isinstance(field, forms.BooleanField):
            typed |= {name: ["on"]} if value else {}
        else:
            typed[name] = ["" if value is None else str(value)]
    return typed


def keep(form: CategoryForm, *, by: User, now: datetime) -> CategoryDraft | None:
    """Keep a valid form as the draft of its category; None when it changes nothing."""
    if not form.before():
        CategoryDraft.objects.filter(category=form.instance).delete()
        return None
    typed = {
        name: form.data.getlist(name)
        for name in form.data
        if name in form.fields or name.rpartition("_")[0] in form.fields
    }
    draft, _new = CategoryDraft.objects.update_or_create(
        category_id=form.instance.pk, defaults={"typed": typed, "by": by, "at": now}
    )
    return draft


def forms_of_drafts() -> list[tuple[CategoryDraft, CategoryForm]]:
    """Return every draft with its form, which holds the edited category once it is valid."""
    rows = CategoryDraft.objects.select_related("category__family", "by").order_by("category__code")
    return [(row, CategoryForm(as_query(row.typed), instance=row.category)) for row in rows]


@transaction.atomic
def publish_all(*, by: User) -> tuple[int, list[Category]]:
    """Publish every draft that is still valid; return how many, and those that are not."""
    done, wrong = 0, []
    for draft, form in forms_of_drafts():
        if not form.is_valid():
            wrong.append(draft.category)
            continue
        before = form.before()
        saved = publish(form.instance, before, by)
        if before:
            values = {n: [plain(old), plain(getattr(saved, n))] for n, old in before.items()}
            labels = [str(getattr(Category._meta.get_field(n), "verbose_name", n)) for n in values]
            setting_changes.record_change(saved, by=by, values=values, labels=labels)
        draft.delete()
        done += 1
    return done, wrong


@dataclass(frozen=True)
class Moved:
    """How many past words led first to a category, before and after."""

    category: Category
    before: int
    after: int


@dataclass(frozen=True)
class Rehearsal:
    """What drafts would have changed for ``total`` past requests: only counts, never words."""

    total: int
    moved: int
    rows: list[Moved]


def rehearse() -> Rehearsal:
    """Look up what people wrote lately with the catalogue as it is, and as drafted."""
    categories = list(Category.objects.filter(active=True).select_related("family"))
    drafted = {form.instance.pk: form.instance for _d, form in forms_of_drafts() if form.is_valid()}
    new = [drafted.get(one.pk, one) for one in categories]
    new = [one for one in new if one.active]
    new += [
        one for pk, one in drafted.items() if one.active and pk not in {c.pk for c in categories}
    ]
    # Read to be counted; nobody is shown any of them.
    rows = Message.objects.system("rehearsal of the catalogue").filter(
        direction=Message.Direction.IN
    )
    # The same few words come again and again: each text is looked up once.
    texts = Counter(rows.exclude(text="").order_by("-at").values_list("text", flat=True)[:PAST])
    was, will = search.describe_all(categories), search.describe_all(new)
    before: Counter[int] = Counter()
    after: Counter[int] = Counter()
    moved = 0
    for text, times in texts.items():
        first = next(iter(search.find(text, categories, 1, described=was)), None)
        second = next(iter(search.find(text, new, 1, described=will)), None)
        before.update({first.pk: times} if first else {})
        after.update({second.pk: times} if second else {})
        moved += times * ((first and first.pk) != (second and second.pk))
    known = {one.pk: one for one in [*categories, *new]}
    changed = [pk for pk in known if before[pk] != after[pk] or pk in drafted]
    rows_moved = [Moved(known[pk], before[pk], after[pk]) for pk in changed]
    rows_moved.sort(key=lambda row: (row.category.pk not in drafted, row.category.code))
    return Rehearsal(texts.total(), moved, rows_moved)


def file_rows() -> list[list[str]]:
    """Return the whole catalogue as lines of a file that can be read back."""
    lines = [["code", *FIELDS, "checked", "to_check"]]
    for category in Category.objects.select_related("family"):
        form = CategoryForm(instance=category)
        cells = [category.code]
        for name in (*FIELDS, "checked", "to_check"):
            if name in ("ack_hours", "resolve_days"):
                value: Any = format(getattr(category, name).normalize(), "f")
            else:
                value = form[name].value()
            cells.append(_cell(value))
        lines.append(cells)
    return lines


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value).replace("\n", " | ")


def read_file(source: bytes, *, by: User, now: datetime) -> tuple[int, list[tuple[int, str]]]:
    """Turn lines that change something into drafts; return how many, and (line, reason) of others.

    Raises WrongFile. A column that is not there changes nothing.
    """
    table = open_table(source)
    columns = {canonical(head): head for head in table.headers}
    known = {canonical(name): name for name in ("code", *FIELDS, "checked", "to_check")}
    found = {known[key]: head for key, head in columns.items() if key in known}
    if "code" not in found or len(found) < 2:
        raise wrong_format(table.headers, _("a catalogue file"), ["code", "label_fr"])
    by_code = {one.code: one for one in Category.objects.select_related("family")}
    kept, rejects = 0, []
    for line, row in table:
        category = by_code.get(row.get(found["code"], "").strip())
        if category is None:
            rejects.append((line, _("No category has this code.")))
            continue
        typed = typed_of(copy.copy(category))
        for name, head in found.items():
            if name != "code":
                _type(typed, name, row.get(head, ""))
        form = CategoryForm(as_query(typed), instance=category)
        if not form.is_valid():
            rejects.append((line, _reasons(form)))
        elif form.before() and keep(form, by=by, now=now):
            kept += 1
    return kept, rejects


def _type(typed: dict[str, list[str]], name: str, cell: str) -> None:
    """Write one cell where the form reads it."""
    field = CategoryForm.base_fields.get(name)
    if name in ("ack_hours", "resolve_days"):
        measure = "hours" if name == "ack_hours" else "days"
        typed |= {f"{name}_0": [cell.replace(",", ".")], f"{name}_1": [measure]}
    elif isinstance(field, forms.BooleanField):
        typed.pop(name, None)
        if canonical(cell) in TRUE:
            typed[name] = ["on"]
    elif name in ("checked", "to_check"):
        typed[name] = [cell.replace(" | ", "\n")]
    else:
        typed[name] = [cell]


def _reasons(form: CategoryForm) -> str:
    words: Iterable[str] = (
        f"{form.fields[name].label if name in form.fields else ''} – {' '.join(map(str, errors))}"
        for name, errors in form.errors.items()
    )
    return " ; ".join(words)
