"""What the map page tells its script about the streets, and which servers it may then ask."""

from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from requests.stock_map.models import MapBackground

ENDING = ".pmtiles"
MAGIC = b"PMTiles\x03"  # the first eight bytes of a file of version 3


def current() -> MapBackground | None:
    """Return what is drawn under the residences; None for the drawing alone."""
    row = MapBackground.objects.first()
    return row if row and row.is_drawn else None


def files() -> list[str]:
    """Return the names of the files that whoever runs the server has laid down."""
    folder = settings.PALIER_MAP_FILES
    if not folder:
        return []
    return sorted(path.name for path in Path(folder).glob(f"*{ENDING}") if path.is_file())


def path_of(name: str) -> Path | None:
    """Return where a file lies; None for one that is not in the folder, or is no PMTiles file."""
    if name not in files():
        return None
    path = Path(settings.PALIER_MAP_FILES) / name
    with path.open("rb") as stream:
        return path if stream.read(len(MAGIC)) == MAGIC else None


def for_script(row: MapBackground, places: str = "") -> dict:
    """Return what the script needs: the streets, where the residences are asked, libraries, words.

    ``places``: the address of the residences; "" draws the streets alone.
    """
    return {
        "kind": row.kind,
        "address": reverse("stock_map_file") if row.kind == row.Kind.FILE else row.address,
        "attribution": row.attribution,
        "closest": row.zoom_limit,
        "places": places,
        "library": static("vendor/maplibre-gl/maplibre-gl.mjs"),
        "worker": static("vendor/maplibre-gl/maplibre-gl-worker.mjs"),
        "sheet": static("vendor/maplibre-gl/maplibre-gl.css"),
        "pmtiles": static("vendor/pmtiles/pmtiles.mjs"),
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "Map.Title": _("Map of the residences"),
        "NavigationControl.ZoomIn": _("Closer"),
        "NavigationControl.ZoomOut": _("Farther"),
        "Popup.Close": _("Close"),
        "AttributionControl.ToggleAttribution": _("Whose map it is"),
        "AttributionControl.MapFeedback": _("Report a mistake of the map"),
        "CooperativeGesturesHandler.MobileHelpText": _("Use two fingers to move the map"),
        "CooperativeGesturesHandler.WindowsHelpText": _("Use Ctrl and the wheel to look closer"),
        "CooperativeGesturesHandler.MacHelpText": _("Use ⌘ and the wheel to look closer"),
        "ScaleControl.Meters": "m",
        "ScaleControl.Kilometers": "km",
        "open": _("open"),
        "late": _("late"),
        "danger": _("Danger"),
        "broken": _("The map with streets cannot be shown here: the drawing stays."),
        "silent": _(
            "The streets do not come: the tile server does not answer. The residences are still "
            "shown."
        ),
        "refused": _("The map also asks %(host)s, which is not among its servers."),
        "works": _("It works: the streets have come."),
    }


def allow(response: HttpResponse, row: MapBackground) -> HttpResponse:
    """Let the page ask the servers of the streets, and run the library's worker.

    The worker is read from our own address and started as a blob: a static file's own policy
    would forbid it every request (portal/policies.py).
    """
    more: dict[str, list[str]] = {"worker-src": ["blob:"]}
    if row.origins:
        more |= {"connect-src": row.origins, "img-src": row.origins}
    response._csp_update = more
    return response
