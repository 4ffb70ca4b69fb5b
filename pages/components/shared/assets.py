"""Markup, style sheets and JavaScript stand in files beside the Python module that uses them.

Streamlit takes a component's files by their paths only where an installed package declares them, so they are
read here and handed over as text.
"""

from pathlib import Path
from typing import Any

import streamlit as st

_SHARED = Path(__file__).parent


def component(name: str, module: str, *shared: str, isolate_styles: bool = True) -> Any:
    """A component of the files beside `module`, a module's `__file__`, after `shared` ones of this folder."""
    return st.components.v2.component(
        name,
        html=_together(module, ".html", ()),
        css=_together(module, ".css", shared),
        js=_together(module, ".js", shared),
        isolate_styles=isolate_styles,
    )


def style(module: str, *shared: str, **variables: str) -> str:
    """The style sheets as an element for `st.html`; `muted="#667"` is `var(--gs-muted)` there."""
    declared = ";".join(f"--gs-{name.replace('_', '-')}:{value}" for name, value in variables.items())
    root = f":root {{{declared}}}\n" if declared else ""
    return f"<style>\n{root}{_together(module, '.css', shared) or ''}</style>\n"


def _together(module: str, suffix: str, shared: tuple[str, ...]) -> str | None:
    """The text of all files with this suffix; None where there is none."""
    files = [_SHARED / name for name in shared if name.endswith(suffix)]
    own = Path(module).with_suffix(suffix)
    if own.exists():
        files.append(own)
    return "\n".join(file.read_text(encoding="utf-8") for file in files) or None
