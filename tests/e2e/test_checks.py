"""The checks find what they are for: a page with one known fault of each kind."""

from urllib.parse import quote

import pytest

from tests.e2e import checks

GOOD = """<!doctype html><html lang="fr"><head><title>Essai – Palier</title>
<link rel="stylesheet" href="data:text/css,a{{line-height:24px}}body>a{{display:block}}"></head>
<body><a href="#main">Aller au contenu</a><main id="main"><h1>Essai</h1>{}</main></body></html>"""


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 320, "height": 800})
    yield context.new_page()
    context.close()


def show(page, body: str) -> None:
    page.set_content(GOOD.format(body))
    checks.prepare(page)


def test_a_good_page_has_no_finding(page):
    show(page, "<p>Bonjour.</p>")
    assert checks.structure(page, "fr") + checks.targets(page) + checks.axe(page, checks.TAGS) == []
    assert checks.untranslated(page, "fr", frozenset()) == []
    assert checks.overflow(page) == []


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<img src='data:,'>", "image-alt"),
        ("<label>Nom</label><input>", "label"),
        ("<p><span style='color:#999'>pâle</span></p>", "color-contrast"),
        ("<h4>Trop bas</h4>", "heading-order"),
    ],
)
def test_axe_finds(page, body, rule):
    show(page, body)
    assert any(line.startswith(rule + ":") for line in checks.axe(page, checks.TAGS))


def test_colours_alone_are_enough_for_contrast(page):
    show(page, "<p><span style='color:#999'>pâle</span></p><img src='data:,'>")
    assert [line.split(":")[0] for line in checks.axe(page, checks.COLOURS)] == ["color-contrast"]


@pytest.mark.parametrize(
    "rule",
    [
        "@media(min-width:600px){#p{color:#ccc}}",
        "#p{display:none;color:#ccc}@media(min-width:600px){#p{display:block}}",
        "@media(min-width:600px){main{background:#555}}",
        "@media(min-width:600px){#p{opacity:.2}}",
    ],
)
def test_what_is_drawn_otherwise_is_judged_again_and_the_rest_is_not(page, rule):
    sheet = f"<link rel='stylesheet' href='data:text/css,{quote(rule)}'>"
    show(page, f"{sheet}<p id='p'>pâle</p><img src='data:,'>")
    assert [line.split(":")[0] for line in checks.axe(page, checks.TAGS)] == ["image-alt"]
    assert checks.axe(page, checks.TAGS) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    assert "color-contrast" in [line.split(":")[0] for line in checks.axe(page, checks.TAGS)]


def test_contrast_is_measured_once_for_each_drawing_of_all_pages(page):
    known: set[str] = set()
    show(page, "<p class='a'>noir</p><p class='b'></p>")
    assert checks.axe(page, checks.TAGS, known) == []
    # What breaks a rule is not known: it is told of each page.
    for _page in range(2):
        show(page, "<p class='a'>noir</p><p class='b' style='color:#999'>pâle</p>")
        told = checks.axe(page, checks.TAGS, known)
        assert [line.split(":")[0] for line in told] == ["color-contrast"]
    seen = set(known)
    show(page, "<p class='a'>noir</p>")
    assert checks.axe(page, checks.TAGS, known) == []
    assert known == seen


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("<h1>Deux</h1>", "2 h1"),
        ("<p style='top:0'>x</p>", "style attribute"),
        ("<p onclick='x()'>x</p>", "onclick"),
        ("<script>1</script>", "inline SCRIPT"),
    ],
)
def test_structure_finds(page, body, word):
    show(page, body)
    assert any(word in line for line in checks.structure(page, "fr"))


def test_the_language_of_the_page_is_compared(page):
    show(page, "")
    assert checks.structure(page, "en") == ["lang is fr"]


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ("<div style='width:400px'>x</div>", "plain"),
        ("<p style='font-size:2.2rem'>anticonstitutionnellement</p>", "200 %"),
        (
            "<p style='font:20px monospace;white-space:nowrap'>vingt-quatre caractères</p>",
            "spacing",
        ),
        ("<div style='position:absolute;left:-90px;width:50px'>x</div>", "rtl"),
    ],
)
def test_overflow_finds(page, body, how):
    show(page, body)
    assert checks.overflow(page, how)


def test_small_targets_are_found_and_links_in_a_sentence_are_not(page):
    show(page, "<p>Un <a href='#'>lien</a> dans la phrase.</p>")
    assert checks.targets(page) == []
    show(page, "<p><a href='#'>seul</a></p><button style='height:30px'>ok</button>")
    assert [line.split(": ")[1] for line in checks.targets(page)] == ["a «seul»", "button «ok»"]


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("fr", "Report a problem", True),
        ("fr", "This is what the page says to you.", True),
        ("fr", "Signaler un problème", False),
        ("fr", "<span lang='en'>Report a problem</span>", False),
        ("en", "Signaler un problème", True),
        ("en", "Agence Les Forges", False),
    ],
)
def test_words_of_the_other_language_are_found(page, language, text, found):
    page.set_content(GOOD.format(f"<p>{text}</p>").replace('lang="fr"', f'lang="{language}"'))
    names = frozenset({"Essai", "Aller au contenu"})
    assert bool(checks.untranslated(page, language, names)) is found
