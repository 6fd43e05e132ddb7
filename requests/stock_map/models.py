"""What lies under the residences on the map: streets from a tile server or from a file of ours."""

from urllib.parse import urlsplit

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

CLOSEST = 22  # the largest zoom that the map library draws


class MapBackground(models.Model):
    """The landlord's choice; at most one row. No row, or ``Kind.NONE``: the drawing alone.

    ``address``: of tiles with {z}, {x} and {y}, or of a style. ``file``: a name in the folder
    ``PALIER_MAP_FILES``. ``hosts``: other servers that a style names, one origin a line.
    """

    class Kind(models.TextChoices):
        """Where the streets come from."""

        NONE = "none", _("No streets: the drawing alone")
        FILE = "file", _("A PMTiles file on this server")
        TILES = "tiles", _("Pictures from a tile server")
        STYLE = "style", _("A map style from a tile server")

    kind = models.CharField(_("streets come from"), max_length=8, choices=Kind, default=Kind.NONE)
    file = models.CharField(_("file"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=500, blank=True)
    hosts = models.TextField(_("other servers of the style"), blank=True)
    attribution = models.CharField(_("whose map it is"), max_length=300, blank=True)
    zoom_limit = models.PositiveSmallIntegerField(
        _("closest zoom"), default=19, validators=[MaxValueValidator(CLOSEST)]
    )

    class Meta:
        verbose_name = _("streets of the map")
        verbose_name_plural = _("streets of the map")

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def is_drawn(self) -> bool:
        """Return whether there is anything to draw under the residences."""
        if self.kind == self.Kind.FILE:
            return bool(self.file)
        return self.kind != self.Kind.NONE and bool(self.address)

    @property
    def origins(self) -> list[str]:
        """Return the servers, as scheme and host, that a browser asks; none for a file of ours."""
        if self.kind not in (self.Kind.TILES, self.Kind.STYLE):
            return []
        parts = urlsplit(self.address)
        found = [f"{parts.scheme}://{parts.netloc}"]
        if self.kind == self.Kind.STYLE:
            found += self.hosts.split()
        return list(dict.fromkeys(found))
