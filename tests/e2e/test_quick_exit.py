"""Leaving a page about violence at home: nothing is kept, and Back does not lead to it."""


def test_leaving_forgets_what_was_typed_and_the_way_back(visitor, monkeypatch, settings, portal):
    settings.PALIER_QUICK_EXIT = f"{portal}/talk/"
    page = visitor(width=360)
    page.goto("/file/search/?q=violences conjugales")
    page.locator("label", has_text="Je subis des violences chez moi").click()
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/file/danger/")
    page.get_by_role("link", name="Je peux écrire maintenant").click()
    page.wait_for_url("**/file/where/")
    page.evaluate("localStorage.setItem('palier:file-where', '{}')")
    page.get_by_role("button", name="Quitter cette page").click()
    page.wait_for_url("**/talk/")
    assert page.evaluate("Object.keys(localStorage)") == []
    page.go_back()
    assert not page.url.endswith("/file/where/")
    page.goto("/file/danger/")
    assert page.url.endswith("/file/")


def test_leaving_works_without_scripts(visitor, settings, portal):
    settings.PALIER_QUICK_EXIT = f"{portal}/talk/"
    page = visitor(javascript=False)
    page.goto("/file/search/?q=violences conjugales")
    page.locator("label", has_text="Je subis des violences chez moi").click()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Quitter cette page").click()
    page.wait_for_url("**/talk/")
