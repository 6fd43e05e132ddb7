"""What lies under the residences on the staff's map."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests.stock_map import background
from requests.stock_map.models import MapBackground

Kind = MapBackground.Kind
# What may stand in a security policy as a source: nothing that ends it.
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


def origin_of(address: str) -> str:
    """Return scheme and host of an address; "" where they are none that a policy may name."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin if ORIGIN.fullmatch(origin) else ""


class MapForm(forms.ModelForm):
    """Where the streets come from; what another choice would need may stay empty."""

    file = forms.ChoiceField(label=gettext_lazy("PMTiles file"), required=False)
    hosts = forms.CharField(
        label=gettext_lazy("Other servers that the style names"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, like https://fonts.example. The trial names them."),
    )

    class Meta:
        model = MapBackground
        fields = ("kind", "file", "address", "hosts", "attribution", "zoom_limit")
        labels = {
            "kind": gettext_lazy("Where do the streets come from?"),
            "address": gettext_lazy("Address of the tiles or of the style"),
            "attribution": gettext_lazy("Whose map it is"),
            "zoom_limit": gettext_lazy("Closest zoom of the tiles"),
        }
        help_texts = {
            "address": gettext_lazy(
                "Tiles: https://tiles.example/{z}/{x}/{y}.png. Style: https://tiles.example/style.json."
            ),
            "attribution": gettext_lazy(
                "It stands on the map, as most licences ask: © OpenStreetMap contributors."
            ),
            "zoom_limit": gettext_lazy("From 0, the world, to 22; most servers end at 19."),
        }
        widgets = {
            "kind": forms.RadioSelect,
            "address": forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Kind.choices
        names = background.files()
        stored = self.instance.file
        if stored and stored not in names:
            names.append(stored)
        self.fields["file"].choices = [("", "—"), *[(name, name) for name in names]]
        self.fields["file"].help_text = (
            _("Whoever runs the server lays files into the folder that PALIER_MAP_FILES names.")
            if names
            else _(
                "There is none yet: whoever runs the server lays it into the folder that "
                "PALIER_MAP_FILES names."
            )
        )

    def clean_hosts(self) -> str:
        """Return the origins, one a line."""
        lines = self.cleaned_data["hosts"].split()
        found = [origin_of(line.rstrip("/")) for line in lines]
        if wrong := [line for line, origin in zip(lines, found, strict=True) if not origin]:
            raise forms.ValidationError(
                _("Write https:// and a name, without more: %(line)s is none."),
                params={"line": wrong[0]},
            )
        return "\n".join(dict.fromkeys(found))

    def clean(self) -> dict:
        """Ask for what the chosen kind needs."""
        super().clean()
        kind = self.cleaned_data.get("kind")
        address = (self.cleaned_data.get("address") or "").strip()
        if kind == Kind.FILE:
            self._clean_file()
        if kind in (Kind.TILES, Kind.STYLE) and not origin_of(address):
            said = _("Write a whole address, like https://tiles.example/{z}/{x}/{y}.png.")
            self.add_error("address", said)
        elif kind == Kind.TILES and not all(part in address for part in ("{z}", "{x}", "{y}")):
            said = _("The address of tiles has {z}, {x} and {y} in it.")
            self.add_error("address", said)
        return self.cleaned_data

    def _clean_file(self) -> None:
        name = self.cleaned_data.get("file")
        if not name:
            self.add_error("file", _("Choose a file."))
        elif background.path_of(name) is None:
            self.add_error("file", _("This is no PMTiles file of version 3."))
