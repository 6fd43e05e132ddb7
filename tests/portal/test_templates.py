"""Templates read easily, and what repeats is drawn by portal/templatetags/components.py."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from portal import form_keys

FOLDER = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(FOLDER.rglob("*.html"))
COMPONENTS = FOLDER / "components"
LONGEST = 120  # characters
# Of a line without a space to break: long texts are a blocktranslate, long tags take "with".
LONGEST_TAG = 160
# Printed pages scroll nowhere and have no keyboard.
PAPER = {"layout/print.html"}
CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")
QUOTED = re.compile(r'"[^"]*"')
TEXT_BLOCK = re.compile(r"\{% blocktranslate\b.*?\{% endblocktranslate %\}", re.S)
POST_FORM = re.compile(r"<form\b[^>]*\bmethod=\"post\".*?</form>", re.S)
ROLE = re.compile(r"\brole\s*(?:==|!=|in\b|not in\b)|\bifequal\b[^%]*\brole\b")


def named(path: Path) -> str:
    return str(path.relative_to(FOLDER))


def elsewhere(*, paper: bool = True) -> list[Path]:
    """The templates that use components: not the components, nor what is printed."""
    found = [path for path in PAGES if COMPONENTS not in path.parents]
    if not paper:
        found = [p for p in found if not p.stem.endswith("_pdf") and named(p) not in PAPER]
    return found


def breakable(line: str) -> bool:
    """Whether white space in ``line`` could be a new line.

    Not inside a template tag, which must stand on one line, nor inside an attribute's value.
    """
    return bool(re.search(r"\S\s+\S", QUOTED.sub('""', CODE.sub("_", line)).strip()))


def too_long(line: str) -> bool:
    if "data:image" in line:
        return False
    return len(line) > (LONGEST if breakable(line) else LONGEST_TAG)


def presses(source: str) -> list[str]:
    """The forms of ``source`` that hold one button and nothing to fill in or to read."""
    found = []
    for form in POST_FORM.findall(source):
        rest = re.sub(
            r"<form\b[^>]*>|</form>|<p\b[^>]*>|</p>|\{% csrf_token %\}", "", form, count=0
        )
        rest = re.sub(r"<input\b[^>]*type=\"hidden\"[^>]*>", "", rest)
        rest = re.sub(r"<button\b.*?</button>", "BUTTON", TEXT_BLOCK.sub("_", rest), flags=re.S)
        if re.sub(r"\s+", "", rest) == "BUTTON":
            found.append(form)
    return found


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_lines_are_short(path):
    lines = enumerate(path.read_text().splitlines(), 1)
    assert [f"{n}: {x}" for n, x in lines if too_long(x)] == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<p>one two</p>", True),
        ("<p>{{ one }} {{ two }}</p>", True),
        ('<a class="one" href="two">', True),
        ('  {% translate "One two three" %}', False),
        ("  {% if one %}{{ two }}{% endif %}", False),
        ('  aria-label="one two"', False),
    ],
)
def test_breakable(line, expected):
    assert breakable(line) is expected


def test_tables_scroll_and_have_a_caption():
    assert [named(p) for p in elsewhere(paper=False) if "<table" in p.read_text()] == []


@pytest.mark.parametrize(
    ("what", "markup"),
    [
        ("notice", r'class="notice[" ]'),
        ("card", r'<(?:section|article|div)\b[^>]*\bclass="card[" ]'),
        ("definitions", r"<d[ldt]\b"),
        ("pager", r'class="pager|\bhas_next\b'),
    ],
)
def test_repeated_markup_has_one_component(what, markup):
    found = [named(p) for p in elsewhere(paper=False) if re.search(markup, p.read_text())]
    assert found == [], f"Use the component for {what}: portal/templatetags/components.py"


def test_a_form_with_one_button_is_a_component():
    assert [(named(p), form) for p in elsewhere() for form in presses(p.read_text())] == []


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ('<form method="post" action="/x/">{% csrf_token %}<button>Go</button></form>', 1),
        (
            '<form class="a" method="post">{% csrf_token %}\n<input type="hidden" name="a">'
            '<p class="actions"><button class="btn">Go</button></p>\n</form>',
            1,
        ),
        ('<form method="post">{% csrf_token %}<input name="q"><button>Go</button></form>', 0),
        ('<form method="post">{% csrf_token %}<button>A</button><button>B</button></form>', 0),
        ('<form method="get"><button>Go</button></form>', 0),
    ],
)
def test_presses(form, expected):
    assert len(presses(form)) == expected


def test_days_are_written_by_our_own_filters():
    """Django's short formats say « 1 Aoû 2016 »; ISO attributes and opening hours are no prose."""
    allowed = re.compile(r"""\|date:(?:'c'|"c"|"G\\hi")""")
    found = [
        f"{named(path)}: {line.strip()}"
        for path in PAGES
        for line in path.read_text().splitlines()
        if "|date" in allowed.sub("", line)
    ]
    assert found == []


def test_templates_compare_no_roles():
    """A page asks what somebody may do; which role may do it is said in Python."""
    tags = [(named(path), tag) for path in PAGES for tag in CODE.findall(path.read_text())]
    assert [(name, tag) for name, tag in tags if ROLE.search(tag)] == []


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ('{% if membership.role == "agent" %}', True),
        ('{% if membership.role != "contractor" %}', True),
        ('{% if user.role in "agent head_office" %}', True),
        ("{{ login.role.label }}", False),
        ('{% include "a.html" with role="search" %}', False),
    ],
)
def test_role_comparisons_are_seen(tag, expected):
    assert bool(ROLE.search(tag)) is expected


def drawn(source: str, **values) -> str:
    """The markup of a template that uses the components, with single spaces."""
    html = Template("{% load components %}" + source).render(Context(values))
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", html)).strip()


def test_notice():
    assert drawn("{% notice %}a{% endnotice %}") == '<p class="notice">a</p>'
    assert drawn('{% notice "error" tag="div" role="alert" %}a{% endnotice %}') == (
        '<div class="notice notice--danger" role="alert">a</div>'
    )


def test_card():
    assert drawn('{% card title id="a" number=3 %}<p>b</p>{% endcard %}', title="<T>") == (
        '<section class="card" aria-labelledby="a-3"><h2 id="a-3">&lt;T&gt;</h2><p>b</p></section>'
    )


def test_table():
    html = drawn('{% table "C" id="c" hidden=True %}<tbody></tbody>{% endtable %}')
    assert html == (
        '<div class="scroll" role="region" tabindex="0" aria-labelledby="c" >'
        '<table class="table"><caption id="c" class="visually-hidden" >C</caption>'
        "<tbody></tbody></table></div>"
    )
    assert 'aria-label="C, d"' in drawn('{% table "C" about="d" %}{% endtable %}')


def test_definitions():
    source = (
        "{% definitions %}{% definition term lang='fr' %}b{% enddefinition %}{% enddefinitions %}"
    )
    assert drawn(source, term="a & b") == (
        '<dl class="dl"><div><dt>a &amp; b</dt><dd lang="fr">b</dd></div></dl>'
    )


def test_post_button(monkeypatch):
    source = (
        '{% post_button "account_logout" query="a=1&b=2" style="quiet block" wrap="actions" '
        "fields=fields field_version=3 form_data_no_busy=True aria_label=label %}"
        "Go{% endpost_button %}"
    )
    monkeypatch.setattr(form_keys, "new_key", lambda: "k")
    html = drawn(source, fields={"x": "<"}, label="It's", csrf_token="secret")
    assert html == (
        '<form method="post" action="/accounts/logout/?a=1&amp;b=2" data-no-busy>'
        '<input type="hidden" name="csrfmiddlewaretoken" value="secret">'
        '<input type="hidden" name="form_key" value="k">'
        '<input type="hidden" name="x" value="&lt;"><input type="hidden" name="version" value="3">'
        '<p class="actions"><button class="btn btn--quiet btn--block" aria-label="It&#x27;s">'
        "Go</button></p></form>"
    )
    assert drawn('{% post_button style="bare" %}Go{% endpost_button %}', csrf_token="") == (
        '<form method="post"><button>Go</button></form>'
    )
