"""A long file says how far it is; without the script its link is a plain download."""

import pytest
from playwright.sync_api import expect

from tests.e2e.shots import shoot


@pytest.mark.parametrize("javascript", [True, False])
def test_a_file_is_counted_while_it_comes_and_saved(visitor, javascript):
    page = visitor("agent", javascript=javascript)
    page.goto("/equipment/")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Télécharger en CSV").click()
    assert saved.value.suggested_filename == "palier-equipment.csv"
    lines = saved.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) > 5
    if javascript:
        expect(page.get_by_text("Le fichier est complet.").first).to_be_visible()
        shoot(page, "long-file")
        page.route("**/equipment/list.csv*", lambda route: route.abort())
        page.get_by_role("link", name="Télécharger en CSV").click()
        expect(page.get_by_text("Le fichier s’est interrompu. Réessayez.").first).to_be_visible()
