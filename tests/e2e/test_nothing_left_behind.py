"""What was typed is kept until it is sent, and not a moment longer."""

import re

KEPT = "start => Object.keys(sessionStorage).some(key => key.startsWith(start))"
CLAIM = re.compile(r"/my/[0-9a-f-]{36}/")


def until_kept(page, start: str) -> None:
    """Wait until the page has kept a draft; its policy forbids Playwright's own way to wait."""
    for _try in range(1_000):
        if page.evaluate(KEPT, start):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"nothing kept under {start}")


def test_leaving_forgets_what_was_typed_and_the_way_back(visitor, monkeypatch, settings, portal):
    settings.PALIER_QUICK_EXIT = f"{portal}/talk/"
    page = visitor(width=360)
    page.goto("/file/search/?q=violences conjugales")
    page.locator("label", has_text="Je subis des violences chez moi").click()
    page.get_by_role("button", name="Continuer", exact=True).click()
    page.wait_for_url("**/file/danger/")
    page.get_by_role("link", name="Je peux écrire maintenant").click()
    page.wait_for_url("**/file/where/")
    page.evaluate("sessionStorage.setItem('palier:file-where', '{}')")
    page.get_by_role("button", name="Quitter cette page").click()
    page.wait_for_url("**/talk/")
    assert page.evaluate("Object.keys(sessionStorage)") == []
    page.go_back()
    assert not page.url.endswith("/file/where/")
    page.goto("/file/danger/")
    assert page.url.endswith("/file/")


def test_leaving_works_without_scripts(visitor, settings, portal):
    settings.PALIER_QUICK_EXIT = f"{portal}/talk/"
    page = visitor(javascript=False)
    page.goto("/file/search/?q=violences conjugales")
    page.locator("label", has_text="Je subis des violences chez moi").click()
    page.get_by_role("button", name="Continuer", exact=True).click()
    page.get_by_role("button", name="Quitter cette page").click()
    page.wait_for_url("**/talk/")


def test_the_box_is_empty_after_sending_and_says_so(visitor, portal):
    page = visitor("tenant", width=360)
    page.goto("/my/")
    links = page.locator("main a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    page.goto(next(link for link in links if CLAIM.fullmatch(link)))
    box = page.get_by_label("Votre message")
    box.fill("Il n’y a toujours pas d’eau chaude.")
    until_kept(page, "palier:write")
    page.reload()
    assert box.input_value() == "Il n’y a toujours pas d’eau chaude."
    page.get_by_role("button", name="Envoyer", exact=True).click()
    page.get_by_text("Votre message est envoyé.").wait_for()
    assert box.input_value() == ""
    page.reload()
    assert box.input_value() == ""


def test_what_was_typed_can_be_erased_and_ends_with_the_tab(visitor):
    page = visitor(width=360)
    page.goto("/file/search/?q=ascenseur")
    page.locator("label", has_text="ascenseur est en panne").first.click()
    page.get_by_role("button", name="Continuer", exact=True).click()
    page.wait_for_url("**/file/where/")
    page.locator("input[type=text]").first.fill("12 rue du Lin")
    until_kept(page, "palier:file-where")
    assert page.evaluate("Object.keys(localStorage)") == []
    page.get_by_role("button", name="Effacer ce que j’ai écrit et recommencer").click()
    page.get_by_text("Effacé.").wait_for()
    assert page.evaluate("Object.keys(sessionStorage)") == []
    page.goto("/file/where/")
    assert page.url.endswith("/file/")
