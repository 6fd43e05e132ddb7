"""HTML of strangers: sanitised by an allow-list, and converted to plain text. Pure."""

import re
from html.parser import HTMLParser

import nh3

MOST = 300_000  # characters looked at
_KEPT = (
    "a abbr b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i ins li ol p pre q s "
    "small span strong sub sup table tbody td tfoot th thead tr u ul"
)
_INLINE = "a abbr b code del em i ins q s small span strong sub sup td th u"
TAGS = frozenset(_KEPT.split())
BLOCKS = TAGS - frozenset(_INLINE.split())
DROPPED = {"script", "style", "head", "title", "noscript", "template", "svg", "math", "iframe"}

DEEPEST = 500
# Tags that close by themselves (p, li, td …) or hold nothing do not nest.
NESTING = re.compile(
    r"<(/?)(?!(?:p|li|t[dhr]|d[dt]|br|img|hr|meta|link|input|option|wbr|col|base|area)\b)[a-z]",
    re.IGNORECASE,
)


def _too_deep(html: str) -> bool:
    """Return whether tags are nested so far that building the tree would take minutes."""
    depth = 0
    for found in NESTING.finditer(html):
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > DEEPEST:
            return True
    return False


def sanitise(html: str) -> str:
    """Keep a short allow-list; no style, image, remote content or data attribute."""
    html = html[:MOST]
    if _too_deep(html):
        return nh3.clean_text(re.sub(r"<[^<>]{0,2000}>", "\n", html))
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=DROPPED,
        attributes={"a": {"href"}, "td": {"colspan"}, "th": {"colspan"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


class _Text(HTMLParser):
    """Collects the text of already sanitised HTML; quotes get the usual mark."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quoted, self.href, self.pre = 0, "", 0

    def end_line(self, empty_too: bool = False) -> None:
        text = "".join(self.line)
        text = text.rstrip() if self.pre else " ".join(text.split())
        self.line = []
        if text or empty_too:
            self.lines.append("> " * min(self.quoted, 5) + text)

    def handle_starttag(self, tag, attrs) -> None:
        if tag == "br":
            self.end_line(empty_too=True)
            return
        if tag in BLOCKS:
            self.end_line()
        if tag in ("p", "h1", "h2", "h3") and self.lines and self.lines[-1].strip("> "):
            self.lines.append("> " * min(self.quoted, 5))
        if tag == "li":
            self.line.append("- ")
        elif tag in ("td", "th"):
            self.line.append(" ")
        elif tag == "blockquote":
            self.quoted += 1
        elif tag == "pre":
            self.pre += 1
        elif tag == "a":
            self.href = dict(attrs).get("href") or ""

    def handle_endtag(self, tag) -> None:
        if tag in BLOCKS:
            self.end_line()
        if tag == "blockquote":
            self.quoted = max(0, self.quoted - 1)
        elif tag == "pre":
            self.pre = max(0, self.pre - 1)
        elif tag == "a":
            said = "".join(self.line[-3:])
            if self.href.startswith("http") and self.href not in said:
                self.line.append(f" ({self.href[:300]})")
            self.href = ""

    def handle_data(self, data) -> None:
        if self.pre:
            *full, last = data.split("\n")
            for part in full:
                self.line.append(part)
                self.end_line(empty_too=True)
            data = last
        self.line.append(data)


def enriched_to_text(source: str) -> str:
    """Return the plain text of ``text/enriched`` (RFC 1896): one line end is a blank there."""
    source = re.sub(r"(?is)<param>.{0,1000}?</param>", "", source[:MOST])
    source = re.sub(r"</?[a-z0-9-]{1,60}>", "", source.replace("<<", "\0"), flags=re.IGNORECASE)
    source = re.sub(r"\n+", lambda found: "\n" * (len(found[0]) - 1) or " ", source)
    return source.replace("\0", "<").strip()


def to_text(clean: str) -> str:
    """Return the plain text of HTML that ``sanitise`` returned."""
    reader = _Text()
    reader.feed(clean[: 2 * MOST])
    reader.close()
    reader.end_line()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(reader.lines)).strip()
