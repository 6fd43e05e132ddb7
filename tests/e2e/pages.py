"""The screens as people use them: found by role and accessible name, never by class or id."""

import re
from datetime import timedelta

from django.utils import translation
from playwright.sync_api import Page, expect

from portal.clock import now


def fr(msgid: str) -> str:
    """The words on screen for ``msgid``, so that a better wording breaks no test."""
    with translation.override("fr"):
        return translation.gettext(msgid)


def press(page: Page, msgid: str) -> None:
    """Press the button that says ``msgid``, and wait for the page that follows."""
    with page.expect_navigation():
        page.get_by_role("button", name=fr(msgid), exact=True).click()


NEXT = re.compile(r"^(Continuer|Envoyer|Continue|Send)", re.I)


LABELS = "all => all.map(e => [...e.labels].map(l => l.textContent).join(' ').trim())"


class Filing:
    """The plain pages of filing, in whatever order and number they come."""

    # What is typed where, by the label of the field.
    TEXTS = (
        (r"adresse mail|courriel|e-?mail|mél", "email"),
        (r"t[ée]l[ée]phone|phone", "phone"),
        (r"nom|name", "name"),
        (r"pi[èe]ce|lieu|room|place", "room"),
        (r"adresse|address", "address"),
        (r"passe|mots|happens|words|d[ée]cri", "words"),
    )
    # Which radio is chosen, the first that fits.
    CHOICES = (r"^eau, fuite|^water", r"fuit|leak", r"logement|chez (moi|vous)|home", r".")

    def __init__(self, page: Page, **answers: str) -> None:
        self.page = page
        self.answers = answers

    def begin(self) -> "Filing":
        self.page.goto("/")
        self.page.get_by_role("link", name=fr("Report a problem")).click()
        return self

    def until(self, stop: str) -> Page:
        """Answer page after page until the URL matches ``stop``."""
        for _turn in range(14):
            if re.search(stop, self.page.url):
                return self.page
            self._answer()
        raise AssertionError(f"Filing never reached {stop}; last page: {self.page.url}")

    def _answer(self) -> None:
        main = self.page.get_by_role("main")
        boxes = main.get_by_role("textbox")
        for number, label in enumerate(boxes.evaluate_all(LABELS)):
            key = next((k for p, k in self.TEXTS if re.search(p, label, re.I)), None)
            if self.answers.get(key):
                boxes.nth(number).fill(self.answers[key])
        radios = main.get_by_role("radio")
        names = radios.evaluate_all(LABELS)
        if names and not any(radios.evaluate_all("all => all.map(e => e.checked)")):
            chosen = next(
                n for p in self.CHOICES for n, name in enumerate(names) if re.search(p, name, re.I)
            )
            radios.nth(chosen).check(force=True)
        before = self.page.url
        buttons = main.get_by_role("button", name=NEXT)
        if buttons.count():
            buttons.last.click()
        else:
            links = main.get_by_role("link", name=re.compile("continu|en sécurité|safe", re.I))
            links.last.click()
        self.page.wait_for_load_state()
        assert self.page.url != before, f"Nothing moved on {before}: {main.inner_text()[:600]}"


class Following:
    """The claim by its link."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def reference(self) -> str:
        """The six characters, without the space they are read with."""
        text = self.page.get_by_role("main").inner_text()
        return re.search(r"\b([A-Z0-9]{3})[  ]([A-Z0-9]{3})\b", text).expand(r"\1\2")

    def expect(self, pattern: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(re.compile(pattern, re.I))

    def says_fixed(self) -> None:
        self.page.get_by_role("button", name=fr("Yes, it is fixed")).first.click()


# A link to one claim: its address has four dashes.
ROW = "a[href*='/agency/'][href*='-']:not([href*='/agency/?'])"


class Inbox:
    """The three panes."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, reference: str) -> bool:
        """Search and open the claim; False when it is not here."""
        self.page.goto(f"/agency/?q={reference}")
        rows = self.page.get_by_role("navigation", name=fr("Claims")).locator(ROW)
        if not rows.count():
            return False
        rows.first.click()
        self.page.wait_for_url(re.compile(r"/agency/[0-9a-f-]{36}/"))
        return True

    def act(self, name: str, fields: dict[str, str] | None = None) -> None:
        """Press the action called ``name``, opening its form and filling the fields by label."""
        main = self.page.get_by_role("main")
        self._open(main, name)
        for label, value in (fields or {}).items():
            field = main.get_by_label(re.compile(rf"^{label}"))
            field = field.locator("visible=true").first
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        button = main.get_by_role("button", name=re.compile(rf"^{name}")).locator("visible=true")
        with self.page.expect_navigation():
            button.first.click()
        problem = main.get_by_role("alert")
        assert not problem.count(), problem.first.inner_text()

    def _open(self, main, name: str) -> None:
        """Open the form of a step: from the row, from its menu, or by changing what is proposed."""
        button = main.get_by_role("button", name=re.compile(rf"^{name}")).locator("visible=true")
        if button.count():
            return
        exact = re.compile(rf"^{name}$")
        link = main.get_by_role("link", name=exact)
        if not link.count():
            main.get_by_text(fr("Other steps"), exact=True).click()
        if not link.count():
            link = main.get_by_role("link", name=re.compile(rf"^{fr('Change')}"))
        link.first.click()
        main.get_by_role("heading", name=exact).wait_for()


class Figures:
    """An agency's own figures."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def of(self, *measures: str) -> list[int]:
        """The numbers of twelve months, as the pages of the claims behind them say."""
        return [self._of(measure) for measure in measures]

    def _of(self, measure: str) -> int:
        self.page.goto(f"/figures/claims/?days=365&measure={measure}")
        return int(re.sub(r"\D", "", self.page.locator("main p strong").first.text_content() or ""))


def in_two_days() -> str:
    """A visit time for a datetime field."""
    return (now() + timedelta(days=2)).strftime("%Y-%m-%dT10:30")
