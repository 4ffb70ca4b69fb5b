"""What one takes along from the Read page: every chart as a picture and as CSV, and a link back to it."""

import io
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest

from pages.components.shared.address import pack
from rnn_core.data.examples import VERDICT_EXAMPLES
from tests.pages.elements import as_written, body, configs, figures, put
from tests.pages.everywhere import ask
from tests.pages.read.conftest import TEXT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_own_corpus")]

STEPS = 15  # and two signs are read, too
DEPENDS_ON = "What the verdict depends on"


@pytest.fixture
def open_link(open_app, make_model):
    """A function that opens the page as one who has nothing but the link."""

    def open_page(**query):
        make_model("a-gru", cell="gru")
        make_model("b-lstm", cell="lstm")
        return open_app("read", query)

    return open_page


def table(files, name):
    return pd.read_csv(io.BytesIO(files[name]()), keep_default_na=False)


def images(app):
    return [config["toImageButtonOptions"] for config in configs(app)]


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_the_inside_is_exported_with_the_units_that_are_shown(open_read, files, cell):
    open_read(cell=cell).get_by_key(f"shown_{cell}").set_value("h").run()
    rows = table(files, "gatescope-model-inside.csv")
    assert rows["time_step"].tolist() == list(range(STEPS))
    assert rows["token"][:5].tolist() == ["<start>", "the", "film", "is", "great"]
    assert [name for name in rows if name.startswith("h_")] == [f"h_{unit}" for unit in range(5)]
    assert f"{'slope' if cell == 'elman' else 'z' if cell == 'gru' else 'f'}_mean" in rows


@pytest.mark.parametrize(
    ("panel", "view", "name", "columns"),
    [
        (
            "At this token",
            DEPENDS_ON,
            "attribution",
            "contribution saliency connectivity_h direct_connectivity_h",
        ),
        ("Another word", None, "another-word", "probability_before probability_after difference distance"),
        (
            "Another window",
            None,
            "another-window",
            "probability_before probability_after difference distance",
        ),
        ("Two models", None, "two-models", "probability_model probability_other difference"),
    ],
)
def test_what_a_chart_draws_is_exported_a_row_a_time_step(
    open_read, make_model, files, panel, view, name, columns
):
    make_model("other", cell="elman")
    open_read(panel, view=view, readout="mean")
    rows = table(files, f"gatescope-model-{name}.csv")
    assert len(rows) == (STEPS - 1 if panel == "Two models" else STEPS)  # of two models, token by token
    assert set(columns.split()) <= set(rows)


def test_padding_is_exported_with_every_time_step_of_each_case_and_the_plane_with_all_other_states(
    open_read, files, settle
):
    app = open_read("Padding", max_length=40)
    lengths = table(files, "gatescope-model-padding.csv").groupby("case").size().to_dict()
    assert lengths == {"padding skipped": STEPS, "read, at the front": 40, "read, at the end": 40}
    ask(app, "The plane of states")
    settle(app)
    rows = table(files, "gatescope-model-plane.csv")
    assert rows["review"].value_counts().to_dict() == {"this": STEPS, "other": 5_000}


def test_a_table_is_made_only_when_it_is_asked_for(open_read, files, monkeypatch):
    made = []
    monkeypatch.setattr(pd.DataFrame, "to_csv", lambda *_, **__: made.append(1) or "made")
    open_read("Another word").get_by_key("read_view").set_value(DEPENDS_ON).run()
    assert {"gatescope-model-attribution.csv", "gatescope-model-another-word.csv"} <= set(files)
    assert not made
    assert files["gatescope-model-attribution.csv"]() == b"made"


def test_the_camera_saves_png_until_svg_is_chosen_for_every_chart_of_the_session(open_read):
    app = open_read("Export")
    assert images(app) == [{"format": "png", "scale": 2, "filename": "gatescope-model-inside"}]
    app.get_by_key("picture_format").set_value("SVG").run()
    app.get_by_key("read_view").set_value(DEPENDS_ON).run()
    app.get_by_key("read_panel").set_value("Another word").run()
    assert images(app.run()) == [
        {"format": "svg", "scale": 1, "filename": f"gatescope-model-{name}"}
        for name in ("attribution", "another-word")
    ]
    ask(app, "Export")
    assert app.get_by_key("picture_format").value == "SVG"


def test_a_link_opens_the_model_the_text_and_the_time_step_again(open_read, open_link):
    app = open_read("Export")
    assert "what is held" not in as_written(app)
    app.context["url"] = "http://127.0.0.1:8501/read"
    address, _, query = app.run().code[0].value.partition("?")
    assert address == "http://127.0.0.1:8501/read"
    query = {name: value for name, [value] in parse_qs(query).items()}
    assert set(query) == {"model", "text", "token"}
    again = open_link(**query)
    assert again.get_by_key("model_picked").value == "model"
    assert again.session_state["review_text"] == TEXT
    assert again.session_state["token"] == 2
    assert again.get_by_key("example").value is None


def test_a_link_carries_any_text_to_the_letter_and_none_of_it_is_markup(open_link):
    text = 'The <b>film</b> **is** [great](now) & "dull" <script>alert(1)</script> $x$ 🎬\n\tcafé'
    app = open_link(text=pack(text), model="b-lstm", token="3")
    assert app.session_state["review_text"] == text
    assert app.get_by_key("model_picked").value == "b-lstm"
    assert app.session_state["token"] == 3
    assert "<script>" not in as_written(app).replace("\\<script\\>", "") + body(app)


def test_the_address_keeps_what_is_typed_and_a_reload_opens_with_it(open_link):
    app = open_link(text=pack(TEXT))
    for typed in ("the film is dull", "the film is dull and great"):
        put(app, review_text=typed)
        assert app.query_params["text"] == pack(typed)
    again = open_link(**app.query_params)
    assert again.session_state["review_text"] == typed
    assert again.query_params["text"] == pack(typed)


def test_what_is_typed_stays_where_the_browser_asks_with_an_address_of_before(open_link):
    app = open_link(text=pack(TEXT))
    for typed in ("the film", "the film is", "the film is dull"):
        put(app, review_text=typed)
    for late in (TEXT, "the film", "the film is"):
        app.query_params["text"] = pack(late)
        app.run()
        assert app.session_state["review_text"] == typed
        assert app.query_params["text"] == pack(typed)


def test_a_link_to_a_text_that_stood_here_before_opens_it_after_a_visit_to_another_page(open_link):
    app = open_link(text=pack(TEXT))
    put(app, review_text="the film is dull")
    app.switch_page("pages/cells.py").run()
    app.query_params["text"] = pack(TEXT)
    app.switch_page("pages/read.py").run()
    assert app.session_state["review_text"] == TEXT


def test_a_text_handed_over_goes_before_the_text_of_a_link_and_that_before_an_example_until_one_is_picked(
    open_app, open_link
):
    app = open_link(text=pack(TEXT), example=VERDICT_EXAMPLES[2].title)
    assert app.session_state["review_text"] == TEXT
    assert app.run().session_state["review_text"] == TEXT
    assert app.get_by_key("example").value is None
    app.get_by_key("example").set_value(VERDICT_EXAMPLES[1].title).run()
    assert app.session_state["review_text"] == VERDICT_EXAMPLES[1].text
    assert "text" not in app.query_params
    app = open_app("read", {"text": pack(TEXT)}, review_handed_over="the film is dull")
    assert app.session_state["review_text"] == "the film is dull"
    assert app.query_params["text"] == pack("the film is dull")


@pytest.mark.parametrize("damaged", [pack(TEXT)[:-5], "", "<b>", pack("x" * 1_000_001)])
def test_a_damaged_link_gets_a_sentence_and_leaves_the_address(open_link, damaged):
    app = open_link(text=damaged)
    assert "text in this link is damaged" in app.warning[0].value
    assert app.session_state["review_text"] == VERDICT_EXAMPLES[0].text
    assert figures(app)
    assert "text" not in app.query_params
    assert not app.run().warning


def test_a_text_too_long_for_a_link_is_said_to_be_unless_it_packs_well(open_read):
    rng = np.random.default_rng(0)
    text = " ".join("".join(map(chr, word)) for word in rng.integers(97, 123, (2_000, 7)))
    app = open_read("Export", text=text)
    assert "too long for a link" in as_written(app)
    assert not app.code
    assert "text" not in app.query_params
    app = open_read("Export", text="the film is great " * 5_000)
    assert len(app.code[0].value) < 8_000
