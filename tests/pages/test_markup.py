"""What others wrote is text on a page: names of runs and folders, paths, errors, reviews."""

import html
import json

import pytest

from pages.components.shared.format import literal
from pages.components.train.run_results import _mistake_html
from rnn_core.data.sources import recommended_config
from rnn_core.figures.colours import LIGHT
from rnn_core.runs.store import Store
from tests.pages.elements import as_written

NASTY = "**loud** <b>bold</b> $x$ [here](https://example.org) :red[red] &copy; `code`"

pytestmark = pytest.mark.usefixtures("verdict_only")


def test_literal_leaves_no_sign_that_markdown_reads():
    for sign in "\\`*_{}[]()#+-!<>|~$:&":
        assert literal(f"a{sign}b") == f"a\\{sign}b"
    assert literal("a path\n\n# no heading\n    no code") == "a path \\# no heading no code"


def test_the_excerpt_of_a_review_is_escaped():
    mistake = {"index": 0, "label": 0, "predicted": 1, "probability": 0.99}
    text = "One<br />two <img src=x onerror=alert(1)> &copy;"
    drawn = _mistake_html(mistake, ("<b>bad</b>", "good"), text, LIGHT)
    assert "<img" not in drawn
    assert "labelled &lt;b&gt;bad&lt;/b&gt;" in drawn
    assert "One two &lt;img src=x onerror=alert(1)&gt; &amp;copy;" in drawn


def test_the_name_and_the_end_of_a_run_are_text(open_app):
    store = Store()
    other, shown = (store.create(recommended_config("verdict"), NASTY) for _ in range(2))
    for run in (other, shown):
        store.runs.finish(run.id, "failed", f"It failed: {NASTY}.")
    page = open_app("train", {"run": shown.id}, runs_compared=[other.id])
    assert as_written(page).count(literal(NASTY)) == 4  # end, message, beside the form, at "Delete"
    assert NASTY not in as_written(page)
    names = next(part.proto.body for part in page.get("html") if "bold" in part.proto.body)
    assert names.count(html.escape(NASTY)) == 2
    assert "<b>" not in names


def test_the_name_of_a_run_ahead_is_text(open_app):
    store = Store()
    ahead, shown = (store.create(recommended_config("verdict"), NASTY) for _ in range(2))
    assert store.turns.launch_next()  # as if its worker was about to begin
    page = open_app("train", {"run": shown.id})
    assert literal(NASTY) in page.info[0].value
    for run in (ahead, shown):
        store.turns.leave(run.id, "stopped", "")


def test_the_path_in_an_error_is_text(open_app, make_model, monkeypatch, tmp_path):
    nasty = tmp_path / "*nasty* <b>path<b>"
    monkeypatch.setenv("GATESCOPE_IMDB", str(nasty))
    home = as_written(open_app())
    assert home.count(literal(str(nasty))) == 2  # on the card, and where the download is offered
    assert str(nasty) not in home


@pytest.mark.parametrize("page", ["home", "train", "read"])
def test_the_name_of_a_models_folder_is_text(open_app, make_model, page):
    record = {"kind": "training", "optimizer_step": 1, "epoch": 1, "loss": 1, "accuracy": 1, "seconds": 1}
    (make_model("*loud* <b>") / "history.json").write_text(json.dumps([record]))
    (make_model("*half* <b>") / "weights.safetensors").unlink()
    shown = open_app(page)
    assert literal("The model *half* <b> has no weights.safetensors") in as_written(shown)
    assert "*half* <b>" not in as_written(shown)
    assert page == "read" or literal("*loud* <b>") in as_written(shown)
    assert "*loud* <b>" not in as_written(shown)


def test_a_store_that_can_not_be_read_is_said_as_text(open_app, monkeypatch, tmp_path):
    folder = tmp_path / "*nasty* <b>"
    folder.mkdir()
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(folder))
    (folder / "runs").write_text("no folder")
    for page in ("home", "train"):
        shown = open_app(page)
        assert literal(str(folder)) in as_written(shown)
        assert str(folder) not in as_written(shown)
