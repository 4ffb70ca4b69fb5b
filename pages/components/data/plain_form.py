"""The form for plain text: what it is cut into, how it is split, and what was found in it."""

from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import streamlit as st

from pages.components.shared.format import literal
from pages.components.shared.found_by import found_by
from pages.components.shared.table_source import file_state, is_uploaded
from rnn_core.config.tokens import TokenRules
from rnn_core.data.own.make import look_apart, survey_apart
from rnn_core.data.own.plain import PlainRecipe, PlainSurvey, is_by_itself
from rnn_core.errors import DataError
from rnn_core.progress import Progress
from rnn_core.tables.plain import holds_files, is_plain

CODE_ENDINGS = ("md", "rst", "tex", "html", "c", "cpp", "go", "java", "js", "py", "r", "rs", "ts")
"""The endings of plain text that the uploader takes beside those of tables; a path may have any."""
_TABLE, _TEXT = "a table", "plain text"


def chooses_text(path: Path) -> bool | None:
    """Ask if it is read as plain text where it can be; None until it is known what it is by itself."""
    itself = False
    if is_plain(path.name):
        found = found_by(
            "own_itself", f"{path} {file_state(path)}", lambda: _by_itself(path), "Opening the file"
        )
        if found is None:
            return None
        itself = bool(found)
    elif not holds_files(path):
        return False
    chosen = st.segmented_control(
        "Read it as",
        (_TABLE, _TEXT),
        default=_TEXT if itself else _TABLE,
        required=True,
        key=f"own_as_{path}",
        help="A table has a text and its class in each row. Of plain text a network learns what comes next.",
    )
    return bool(chosen == _TEXT)


def _by_itself(path: Path) -> Generator[Progress, None, bool]:
    look = None
    if path.suffix.lower() == ".txt":
        with suppress(DataError):
            look = yield from look_apart(path)
    return is_by_itself(path, look)


def choose_text(path: Path) -> PlainRecipe | None:
    """The controls of plain text and what is found with them; its recipe, once that is known."""
    unit, split, encoding = st.columns(3, gap="small", vertical_alignment="bottom")
    rule = TokenRules.settings()["unit"]
    recipe = PlainRecipe(
        source=str(path),
        uploaded=is_uploaded(path),
        unit=unit.segmented_control(
            rule.label,
            ("characters", "words"),
            default="characters",
            required=True,
            key="own_plain_unit",
            help="What the network reads and says at one time step. Blanks, ends of lines, signs and capital "
            "letters are tokens, too.",
        ),
        split=split.segmented_control(
            "Split",
            ("blocks", "file"),
            default="blocks",
            required=True,
            key="own_plain_split",
            help="What is wholly for learning, for validation or for the test: blocks of the text, or files.",
        ),
        encoding=encoding.text_input(
            "Encoding", key=f"own_plain_encoding_{path}", placeholder="guessed", help="Such as windows-1252."
        ),
    )
    found = found_by(
        "own_plain",
        f"{recipe.to_json()} {file_state(path)}",
        lambda: survey_apart(recipe),
        "Opening the text",
    )
    if not isinstance(found, PlainSurvey):
        return None
    st.markdown(f"**{literal(path.name)}**: {literal(found.parts_line())}.")
    for line in found.lines(0):
        st.caption(f"{literal(line)}.")
    return recipe
