"""Markup, style sheets and JavaScript stand in files beside the Python module that uses them.

Streamlit takes a component's files by their paths only where an installed package declares them, so they are
read here and handed over as text. JavaScript that imports modules of the exported page is one script with
them, as is what needs a library, which the server gives out; it exports `show` in place of a default.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.components.shared.served import serve
from rnn_core.export.bundle import bundle
from rnn_core.figures.colours import DARK, LIGHT, Theme, css_variables

_SHARED = Path(__file__).parent
_IMPORTS = "\nimport {"
_LOOKS = "looks.css"
"""Name of the sheet in which a room has the looks of what it draws as HTML."""


def component(name: str, module: str, *shared: str, isolate_styles: bool = True, library: bytes = b"") -> Any:
    """A component of the files beside `module`, a module's `__file__`, after `shared` ones of this folder.

    Its script stands behind that of a library, if there is one; a browser that can't have it triggers
    `missing`.
    """
    script = _together(module, ".js", shared)
    if script is not None and (library or _IMPORTS in script):
        address = serve(f"{name}.js", library + script.encode() if library else bundled(script))
        loader = (_SHARED / "served.js").read_text(encoding="utf-8")
        script = (
            f"const ADDRESS = {json.dumps(address)}, HAS_SUBSTITUTE = {json.dumps(bool(library))}\n{loader}"
        )
    return st.components.v2.component(
        name,
        html=_together(module, ".html", ()),
        css=_together(module, ".css", shared),
        js=script,
        isolate_styles=isolate_styles,
    )


def bundled(script: str) -> bytes:
    """Return a component's script as one with all modules of the exported page that it imports."""
    return f"export const {{ show }} = {bundle('own.js', {'own.js': script})}".encode()


def current_theme() -> Theme:
    """The theme that this browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def show_looks() -> None:
    """Give the page its colours as variables, such as `--gs-muted`, and the sheets of all rooms."""
    colours = css_variables(current_theme(), "--gs-")
    st.html(f"<style>\n:root {{\n  {colours}\n}}\n{_looks()}</style>")


@cache
def _looks() -> str:
    rooms = sorted(_SHARED.parent.glob(f"*/{_LOOKS}"))
    return "\n".join(room.read_text(encoding="utf-8") for room in rooms)


def style(module: str = "", **variables: str) -> str:
    """A style sheet as an element for `st.html`; `width="3px"` is `var(--gs-width)` there."""
    declared = ";".join(f"--gs-{name.replace('_', '-')}:{value}" for name, value in variables.items())
    root = f":root {{{declared}}}\n" if declared else ""
    return f"<style>\n{root}{(_together(module, '.css', ()) if module else '') or ''}</style>\n"


def _together(module: str, suffix: str, shared: tuple[str, ...]) -> str | None:
    """The text of all files with this suffix; None where there is none."""
    own = Path(module).with_suffix(suffix)
    files = [_SHARED / name for name in shared if name.endswith(suffix)]
    texts = [file.read_text(encoding="utf-8") for file in (*files, *([own] if own.exists() else []))]
    return "\n".join(texts) or None
