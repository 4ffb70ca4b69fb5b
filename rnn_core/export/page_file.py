"""The exported page as one file: markup, sheets, networks as JSON and the script, under a policy of its own.

The policy lets a browser run this script and use these sheets, which it names by their hashes, and load
nothing. What comes from a network stands in the file as escaped text or as JSON in which no character can end
its element, and the script takes it for text alone.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rnn_core.errors import ExportError
from rnn_core.export.bundle import PAGE
from rnn_core.figures.colours import DARK, LIGHT, Theme, css_variables

_ENDS_TOO_SOON = re.compile(r"</(?:script|style)|<!--", re.IGNORECASE)
_IN_JSON = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
_PLACE = re.compile(r"\{\{(\w+)\}\}")


def page_file(title: str, networks: Sequence[Mapping[str, Any]], script: str) -> bytes:
    """The page with these networks, always the same bytes of the same.

    Raises ExportError where a number is none that JSON has, such as nan, and where a source of the page is
    not as it must be.
    """
    sheets = "\n".join([colour_sheet(), *(path.read_text("utf-8") for path in sorted(PAGE.rglob("*.css")))])
    for name, source in (("script", script), ("style", sheets)):
        if found := _ENDS_TOO_SOON.search(source):
            raise ExportError(f"The {name} of the page must not contain {found[0]}, which would end it.")
    put = {
        "title": html.escape(title),
        "policy": html.escape(_policy(script, sheets)),
        "styles": f"<style>{sheets}</style>",
        "networks": "\n".join(
            f'<script type="application/json" id="network-{number}">{html_json(network)}</script>'
            for number, network in enumerate(networks)
        ),
        "script": f"<script>{script}</script>",
    }
    markup = (PAGE / "index.html").read_text("utf-8")
    return _PLACE.sub(lambda place: put[place[1]], markup).encode("utf-8", "replace")


def html_json(value: Mapping[str, Any]) -> str:
    """JSON in which no character means anything to HTML, nor ends a line of JavaScript.

    >>> html_json({"name": "</script>"})
    '{"name":"\\\\u003c/script\\\\u003e"}'
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise ExportError(
            "Each number of an exported network must be finite, but one is infinite or not a number: train "
            "it again with a smaller learning rate."
        ) from error
    return _IN_JSON.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def colour_sheet() -> str:
    """The colours of figures as variables of CSS, for a light page, a dark one, and for paper."""
    dark = _variables(DARK)
    return (
        f":root {{{_variables(LIGHT)}}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme]) {{{dark}}} }}\n"
        f'@media screen {{ :root[data-theme="dark"] {{{dark}}} }}'
    )


def _variables(theme: Theme) -> str:
    return f"\n  color-scheme: {'dark' if theme.dark else 'light'};\n  {css_variables(theme)}\n"


def _policy(script: str, sheets: str) -> str:
    allowed = {"script-src": _hash(script), "style-src": _hash(sheets)}
    named = "; ".join(f"{what} '{digest}'" for what, digest in allowed.items())
    return f"default-src 'none'; {named}; base-uri 'none'; form-action 'none'"


def _hash(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode('utf-8')).digest()).decode()}"
