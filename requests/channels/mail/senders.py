"""Read whether our own mail server verified the sender. Nothing else is believed. Pure."""

import re

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
METHODS = ("dmarc", "dkim", "spf")  # the strongest first
HARMLESS = re.compile(r"[\w.@+-]*")


def _aligned(domain: str, other: str) -> bool:
    """Return whether the domains are equal or one is under the other (RFC 7489, relaxed)."""
    if min(domain.count("."), other.count(".")) < 1:
        return False
    return domain == other or domain.endswith("." + other) or other.endswith("." + domain)


def _bare(value: str) -> str:
    """Return the header without comments and without quoted words that could pass for results.

    Our server repeats what the sender chose: the envelope's local part may be any quoted text.
    """
    out: list[str] = []
    depth, at = 0, 0
    while at < len(value):
        char = value[at]
        if char == '"':
            found = QUOTED.match(value, at)
            if found is None:
                return ""  # no end: nothing behind it can be believed
            at = found.end()
            if not depth and HARMLESS.fullmatch(found[1]):
                out.append(found[1])
            continue
        at += 2 if depth and char == "\\" else 1
        if char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif not depth:
            out.append(char)
    return "" if depth else "".join(out)


def verdict(results: list[str], authserv_id: str, sender: str) -> tuple[str, str]:
    """Return ``pass``, ``fail`` or "" from ``Authentication-Results``, topmost first (RFC 8601).

    Second, what it was: the strongest method that passed (``dmarc``, ``dkim``, ``spf``), or "".

    Only the topmost counts, and only when our own server wrote it: anybody can send the others.
    ``results`` are undecoded: an encoded word in them is the sender's.
    """
    domain = sender.rpartition("@")[2].lower()
    if not authserv_id or not results or not domain:
        return "", ""
    head, _, rest = _bare(results[0][:8_000]).partition(";")
    if (head.split() or [""])[0].lower() != authserv_id.lower():
        return "", ""
    passed: set[str] = set()
    failed = False
    for part in rest.split(";")[:50]:
        found = re.match(r"\s*(dmarc|dkim|spf)\s*=\s*(\w+)", part, re.IGNORECASE)
        if not found:
            continue
        method, result = found[1].lower(), found[2].lower()
        named = re.search(
            r"\b(?:header\.d|header\.i|smtp\.mailfrom|header\.from)\s*=\s*\"?(?:[^\s@;\"]*@)?"
            r"([\w.-]{1,253})",
            part,
            re.IGNORECASE,
        )
        about = named[1].lower() if named else ""
        if method == "dmarc":
            if result == "fail":
                return "fail", ""
            if result == "pass" and (not about or _aligned(about, domain)):
                passed.add(method)
        elif _aligned(about, domain):
            if result == "pass":
                passed.add(method)
            failed |= result in ("fail", "softfail", "permerror")
    if passed:
        return "pass", next(method for method in METHODS if method in passed)
    return "fail" if failed else "", ""
