"""Pages are short, script and style stand in files of their own, figures have the theme of the page."""

import ast
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from starlette.requests import Request
from streamlit import config
from streamlit.testing.v1 import AppTest

from pages.components.shared import assets
from pages.components.shared.assets import _together, style
from pages.components.shared.served import served_route
from pages.components.train.run_list import MOST_MEGABYTES
from rnn_core.figures.colours import DARK, LIGHT, RUN_COLOURS, css_variables, mix
from tests.figures.examples import contrast

PAGES = Path(__file__).parents[3] / "pages"

ADDRESS = r"query_params|query-params|urlencode|searchParams|location\.search|\bKey\("
ONE_HOME = {
    "style and script": ("*.py", r"""<style|export default|style=\\?["'](?!--)""", {"assets.py"}),
    "the end of a page": ("*.py", r"st\.stop\(\)", {"streamlit_private.py"}),
    "uploads": ("*.py", r"\bfile_uploader\(", {"upload.py"}),
    "the address": ("*.*[yl]", ADDRESS, {"address.py", "address_keys.py", "streamlit_private.py"}),
    "the address in script": ("*.js", ADDRESS, {"address.js"}),
    "HTML in script": ("*.js", "innerHTML", set()),
}
"""Subject -> files that could touch it, by what, and those that do."""


@pytest.mark.parametrize(("files", "pattern", "homes"), ONE_HOME.values(), ids=ONE_HOME)
def test_some_things_are_done_in_one_place_alone(files, pattern, homes):
    """A value for a style sheet may stand anywhere. Of the address, mypy refuses what no key has claimed."""
    there = [PAGES.parent / "app.py", *PAGES.rglob(files)]
    assert {file.name for file in there if re.search(pattern, file.read_text(encoding="utf-8"))} == homes


def test_every_script_and_style_sheet_is_used():
    for file in PAGES.rglob("*.*s"):
        module = file.with_suffix(".py")
        users = [other.read_text(encoding="utf-8") for other in PAGES.rglob("*.py") if other != module]
        is_looks = file.name == "looks.css" and '"looks.css"' in "".join(users)
        assert is_looks or module.exists() or any(f'"{file.name}"' in user for user in users), file


def test_no_class_has_two_style_sheets_of_a_room():
    """The styles of `st.html` hold for the whole page, so one of two that differ would win by chance."""
    for room in (PAGES / "components").iterdir():
        homes: dict[str, str] = {}
        for sheet in room.glob("*.css"):
            classes = set(re.findall(r"^\.(gs-[\w-]+) \{", sheet.read_text(encoding="utf-8"), re.MULTILINE))
            for name in classes:
                assert homes.setdefault(name, sheet.name) == sheet.name, name


def test_what_is_shared_stands_before_the_modules_own(tmp_path):
    module = tmp_path / "strip.py"
    module.with_suffix(".css").write_text(".own {}\n")
    drawn = _together(str(module), ".css", ("term.css",))
    assert drawn.index("#term-") < drawn.index(".own")
    assert _together(str(module), ".js", ("term.css",)) is None
    assert style(str(module), muted="#123") == "<style>\n:root {--gs-muted:#123}\n.own {}\n</style>\n"


def given_out(name):
    return served_route().endpoint(Request({"type": "http", "path_params": {"name": name}}))


def test_a_script_with_modules_is_given_out_once(tmp_path, monkeypatch):
    """The component has its address; of one that imports nothing, all of it."""
    monkeypatch.setattr(assets.st.components.v2, "component", lambda name, **files: files["js"])
    script = tmp_path / "made_up.js"
    script.write_text(
        '// One.\nimport { makeCursor } from "./view/charts/cursor.js"\nexport function show() {}\n'
    )
    sent = assets.component("made_up", str(tmp_path / "made_up.py"))
    [address] = re.findall('"(/gatescope/made_up.js[?]\\w+)"', sent)
    assert "makeCursor" not in sent
    assert b"makeCursor" in given_out("made_up.js").body
    assert address not in assets.component("made_up", str(tmp_path / "made_up.py"), library=b"another")
    assert given_out("of nobody").status_code == 404
    script.write_text("export default function () {}\n")
    assert assets.component("made_up", str(tmp_path / "made_up.py")) == script.read_text()


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_sheet_names_only_variables_that_there_are(name):
    """Colours are those of the page; what a sheet takes besides is set where it is used."""
    known = set(re.findall(r"--gs-[\w-]+", css_variables({"light": LIGHT, "dark": DARK}[name], "--gs-")))
    known |= {"--gs-ink", "--gs-colour", "--gs-left", "--gs-width", "--gs-step-width"}
    for sheet in [*(PAGES / "components" / "shared").glob("*.css"), *PAGES.rglob("looks.css")]:
        assert {*re.findall(r"var\((--gs-[\w-]+)", sheet.read_text(encoding="utf-8"))} <= known, sheet


def looks_page():
    from pages.components.shared import assets

    assets.show_looks()


def test_a_page_has_the_looks_of_every_room(monkeypatch, tmp_path):
    """A room that was made up just now has its looks, too."""
    (tmp_path / "made_up").mkdir()
    (tmp_path / "made_up" / "looks.css").write_text(".gs-made-up {color:var(--gs-muted)}")
    monkeypatch.setattr(assets, "_SHARED", tmp_path / "shared")
    monkeypatch.setattr(assets, "_looks", assets._looks.__wrapped__)
    [drawn] = AppTest.from_function(looks_page).run().get("html")
    assert ".gs-made-up {" in drawn.proto.body
    assert f"--gs-muted: {LIGHT.muted};" in drawn.proto.body


CONFIG = tomllib.loads((PAGES.parent / ".streamlit" / "config.toml").read_text("utf-8"))


def test_streamlit_knows_every_option():
    assert {*pd.json_normalize(CONFIG)} <= {*config.get_config_options(force_reparse=True)}


BOTH = pytest.mark.parametrize(("name", "theme"), [("light", LIGHT), ("dark", DARK)])


@BOTH
def test_figures_stand_on_the_pages_background(name, theme):
    declared = CONFIG["theme"][name]
    assert (declared["backgroundColor"], declared["textColor"]) == (theme.background, theme.text)
    beside = (declared[f"{what}Color"] for what in ("secondaryBackground", "border", "link"))
    assert tuple(beside) == (theme.surface, theme.border, theme.link)
    assert declared["chartCategoricalColors"] == list(RUN_COLOURS)


@BOTH
def test_a_chosen_button_is_seen_at_once(name, theme):
    """It has the primary colour and white letters; others have the page's colour, or one halfway to a box."""
    primary = CONFIG["theme"][name]["primaryColor"]
    assert min(contrast(primary, theme.background), contrast(primary, theme.surface)) >= 3
    assert contrast(primary, "#FFFFFF") >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_code_in_small_print_is_read_easily(name):
    """Streamlit draws a caption, and the code in it, at three fifths of its strength."""
    declared = CONFIG["theme"][name]
    dimmed = mix(declared["secondaryBackgroundColor"], declared["codeTextColor"], 0.6)
    assert contrast(dimmed, declared["secondaryBackgroundColor"]) >= (4.5 if name == "dark" else 2.8)


def test_this_machine_alone_is_served_by_one_thread():
    server = CONFIG["server"]
    assert server["address"] == "127.0.0.1"
    assert server["enableXsrfProtection"]
    assert server["enableCORS"]
    assert server["maxUploadSize"] > MOST_MEGABYTES
    assert CONFIG["runner"]["fastReruns"] is CONFIG["browser"]["gatherUsageStats"] is False


@pytest.mark.parametrize("page", sorted(PAGES.glob("[a-z]*.py")), ids=lambda page: page.stem)
def test_a_page_is_short_and_defines_nothing(page):
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    defined = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef, ast.Lambda)
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, defined)]
