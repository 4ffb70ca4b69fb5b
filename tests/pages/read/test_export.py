"""Exports of Read: charts as pictures and as CSV, a link back to it, the network itself."""

import dataclasses
import io
import time
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest

from pages.components.shared.address import pack
from pages.components.shared.jobs import jobs
from rnn_core.data.examples import VERDICT_EXAMPLES
from rnn_core.errors import ExportError
from rnn_core.progress import Progress
from tests.export.made import FOLDER, NAMES, registered
from tests.pages.conftest import TEXT
from tests.pages.elements import as_written, body, choose, click, figures, given, put, said, text_of
from tests.pages.everywhere import ask

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_own_corpus")]

STEPS = 15  # and two signs are read, too
DEPENDS_ON = "What the verdict depends on"
DULL = "the film is dull"


@pytest.fixture
def open_link(open_app, make_model):
    """A function that opens the page as one who has nothing but the link."""
    make_model("a-gru")
    return lambda **query: open_app("read", query)


def table(files, name):
    return pd.read_csv(io.BytesIO(files[f"gatescope-model-{name}.csv"]()), keep_default_na=False)


def images(app):
    return [chart["config"]["toImageButtonOptions"] for chart in given(app, "figure")]


BEFORE_AND_AFTER = "probability_before probability_after difference distance"


@pytest.mark.parametrize(
    ("panel", "name", "columns"),
    [
        ("Export", "inside", "time_step token z_mean h_0 h_4"),
        ("At this token", "attribution", "contribution saliency connectivity_h direct_connectivity_h"),
        ("Another word", "another-word", BEFORE_AND_AFTER),
        ("Another window", "another-window", BEFORE_AND_AFTER),
        ("Two models", "two-models", "probability_model probability_other difference"),
    ],
)
def test_a_chart_is_exported_a_row_a_time_step(open_read, make_model, files, panel, name, columns):
    """The inside is exported with the units that are shown."""
    make_model("other", cell="elman")
    put(open_read(panel, view=DEPENDS_ON if name == "attribution" else None, readout="mean"), shown_gru="h")
    rows = table(files, name)
    assert len(rows) == (STEPS - 1 if panel == "Two models" else STEPS)  # of two models, token by token
    assert set(columns.split()) <= set(rows)


def test_padding_is_exported_case_by_case(open_read, files, settle):
    """And the plane with all other states."""
    app = open_read("Padding", max_length=40)
    lengths = table(files, "padding").groupby("case").size().to_dict()
    assert lengths == {"padding skipped": STEPS, "read, at the front": 40, "read, at the end": 40}
    ask(app, "The plane of states")
    settle(app)
    assert table(files, "plane")["review"].value_counts().to_dict() == {"this": STEPS, "other": 5_000}


def test_a_table_is_made_only_when_it_is_asked_for(open_read, files, monkeypatch):
    made = []
    monkeypatch.setattr(pd.DataFrame, "to_csv", lambda *_, **__: made.append(1) or "made")
    choose(open_read("Another word"), "read_view", DEPENDS_ON)
    assert {"gatescope-model-attribution.csv", "gatescope-model-another-word.csv"} <= set(files)
    assert not made
    assert files["gatescope-model-attribution.csv"]() == b"made"


def test_the_camera_saves_png_until_svg_is_chosen(open_read):
    """Every chart of the session obeys."""
    app = open_read("Export")
    assert images(app) == [{"format": "png", "scale": 2, "filename": "gatescope-model-inside"}]
    choose(app, "picture_format", "SVG")
    choose(app, "read_view", DEPENDS_ON)
    choose(app, "read_panel", "Another word")
    assert images(app.run()) == [
        {"format": "svg", "scale": 1, "filename": f"gatescope-model-{name}"}
        for name in ("attribution", "another-word")
    ]
    ask(app, "Export")
    assert app.get_by_key("picture_format").value == "SVG"


def test_a_link_opens_model_text_and_time_step_again(open_read, open_link):
    """Any text comes back to the letter, and none of it is markup."""
    text = 'The <b>film</b> **is** [great](now) & "dull" <script>alert(1)</script> $x$ 🎬\n\tcafé'
    app = open_read("Export", text=text)
    assert "what is held" not in as_written(app)
    app.context["url"] = "http://127.0.0.1:8501/read"
    address, _, query = app.run().code[0].value.partition("?")
    assert address == "http://127.0.0.1:8501/read"
    query = {name: value for name, [value] in parse_qs(query).items()}
    assert set(query) == {"model", "text", "token"}
    again = open_link(**query)
    assert again.get_by_key("model_picked").value == "model"
    assert (text_of(again), again.session_state["token"]) == (text, 2)
    assert again.get_by_key("example").value is None
    assert "<script>" not in as_written(again).replace("\\<script\\>", "") + body(again)


def test_the_address_keeps_what_is_typed(open_link):
    """A reload opens with it; an address of before, with which the browser still asks, changes nothing.

    After a visit to another page that address opens its text.
    """
    app = open_link(text=pack(TEXT))
    for typed in ("the film", "the film is", DULL):
        put(app, review_text=typed)
        assert app.query_params["text"] == pack(typed)
    again = open_link(**app.query_params)
    assert (text_of(again), again.query_params["text"]) == (DULL, pack(DULL))
    for late in (TEXT, "the film", "the film is"):
        app.query_params["text"] = pack(late)
        app.run()
        assert (text_of(app), app.query_params["text"]) == (DULL, pack(DULL))
    app.switch_page("pages/cells.py").run()
    app.query_params["text"] = pack(TEXT)
    app.switch_page("pages/read.py").run()
    assert text_of(app) == TEXT


def test_a_text_handed_over_goes_before_that_of_a_link(open_app, open_link):
    """And that before an example, until one is picked."""
    app = open_link(text=pack(TEXT), example=VERDICT_EXAMPLES[2].title)
    assert text_of(app) == text_of(app.run()) == TEXT
    assert app.get_by_key("example").value is None
    choose(app, "example", VERDICT_EXAMPLES[1].title)
    assert text_of(app) == VERDICT_EXAMPLES[1].text
    assert "text" not in app.query_params
    app = open_app("read", {"text": pack(TEXT)}, review_handed_over=DULL)
    assert (text_of(app), app.query_params["text"]) == (DULL, pack(DULL))


@pytest.mark.parametrize("damaged", [pack(TEXT)[:-5], pack("x" * 1_000_001)])
def test_a_damaged_link_gets_a_sentence(open_link, damaged):
    """And leaves the address."""
    app = open_link(text=damaged)
    assert "text in this link is damaged" in app.warning[0].value
    assert text_of(app) == VERDICT_EXAMPLES[0].text
    assert figures(app)
    assert "text" not in app.query_params
    assert not app.run().warning


def test_a_text_too_long_for_a_link_is_said_to_be(open_read):
    """Unless it packs well."""
    rng = np.random.default_rng(0)
    text = " ".join("".join(map(chr, word)) for word in rng.integers(97, 123, (2_000, 7)))
    app = open_read("Export", text=text)
    assert "too long for a link" in as_written(app)
    assert not app.code
    assert "text" not in app.query_params
    app = open_read("Export", text="the film is great " * 5_000)
    assert len(app.code[0].value) < 8_000


def fail(models):
    yield Progress("Working", 0, 1)
    raise ExportError("Some weights are no numbers.")


def refuse(models):
    raise ExportError("A page has no cell called `gru`.")


@pytest.fixture
def formats():
    """Made-up formats: a file that takes two models, a folder, one that refuses, and one that fails."""
    no = dataclasses.replace(NAMES, suffix=".no", label="No", check=refuse)
    failing = dataclasses.replace(NAMES, suffix=".failing", label="Failing", make=fail)
    with registered(no=no, failing=failing, folder=FOLDER, names=NAMES):
        yield


def downloads(page):
    """List the downloads that the page offers of a network."""
    labels = [button.proto.label.replace("\\", "") for button in page.get("download_button")]
    return [label for label in labels if label.startswith("Download")]


def make(page, settle, name, key="export_model"):
    choose(page, f"{key}_format", name)
    click(page, f"{key}_make")
    settle(page)
    return downloads(page)


def test_nothing_is_made_before_it_is_asked_for(open_read, make_model, formats, settle):
    """Every format is offered with what is inside; what is made of a model goes with it."""
    page = open_read("Export")
    assert page.get_by_key("export_model_format").options[-5:] == ["zip", "No", "Failing", "Numbers", "Names"]
    choose(page, "export_model_format", "names")
    assert NAMES.help in said(page)
    assert "Inside: weights and vocabulary; no training text." in said(page)
    assert "`python -m rnn_core export model --to names --out model.names`" in said(page)
    assert not downloads(page)
    assert not jobs()._jobs
    [label] = make(page, settle, "folder")
    assert label.startswith("Download gatescope-model.zip, ")
    assert make(page, settle, "names") == ["Download gatescope-model.names, 6 bytes"]
    assert "Inside: the name." in said(page)
    make_model("second")
    choose(page.run(), "model_picked", "second")
    assert not downloads(page)


def test_a_format_that_refuses_or_fails_says_why(open_read, formats, settle):
    """One that fails can be tried again."""
    page = open_read("Export")
    choose(page, "export_model_format", "no")
    assert "A page has no cell called `gru`." in said(page)
    button = page.button(key="export_model_make")
    assert (button.disabled, button.help) == (True, "A page has no cell called `gru`.")
    make(page, settle, "failing")
    assert "Some weights are no numbers." in said(page)
    assert page.button(key="again_export_model_work")


def test_long_work_is_cancelled(open_read, settle, monkeypatch):
    monkeypatch.setattr("pages.components.shared.found_by._PATIENCE", 0.01)

    def work(models):
        while True:
            yield Progress("Rounding", 1, 2)
            time.sleep(0.01)

    with registered(long=dataclasses.replace(NAMES, suffix=".long", make=work)):
        page = open_read("Export")
        choose(page, "export_model_format", "long")
        click(page, "export_model_make")
        assert not downloads(page)
        click(page, "cancel_export_model_work")
        settle(page)
        assert "It was cancelled; nothing was kept." in said(page)
        assert not downloads(page)


def test_two_models_go_into_one_file(open_read, make_model, formats, settle):
    """Export in a format that takes two."""
    make_model("other", cell="lstm")
    page = open_read("Two models")
    assert {"Names", "Numbers"} & {*page.get_by_key("export_two_format").options} == {"Names"}
    assert make(page, settle, "names", "export_two") == ["Download gatescope-model-and-other.names, 12 bytes"]
    assert "export model other --to names --out model-and-other.names`" in said(page)


def test_private_texts_and_large_networks_are_said(open_app, make_own_model):
    make_own_model("mine", *(f"class {number}" for number in range(50)))
    page = open_app("read", {"model": "mine"}, review_text="the film is great", read_panel="Export", token=2)
    assert "the 5 most frequent words of tickets. If these texts are private, so is" in said(page)
    assert "mine has 8 words and 50 classes. This export will be larger than usual" in said(page)
