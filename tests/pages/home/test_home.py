import subprocess
import sys

import numpy as np
import pytest

from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.imdb import IMDB_CITATION
from rnn_core.data.own.catalogue import own_folder
from rnn_core.figures.text import percent
from tests.pages.conftest import APP
from tests.pages.elements import body, figures, said


def chart(app):
    [figure] = figures(app)
    return figure


_WITHOUT_TORCH = """
import sys
sys.modules.update(dict.fromkeys(["torch", "pandas", "pyarrow", "requests"]))  # None: an import fails
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(sys.argv[1], default_timeout=60).run()
print([title.value for title in page.title], [error.message for error in page.exception])
"""


@pytest.mark.slow
def test_the_title_stands_before_what_takes_seconds_is_imported():
    answer = subprocess.run([sys.executable, "-c", _WITHOUT_TORCH, APP], capture_output=True, text=True)
    title, refused = answer.stdout.split("] [")
    assert "See what a recurrent network does" in title, answer.stderr
    assert "halted; None in sys.modules" in refused


def test_without_a_model_home_says_what_is_ready_and_what_to_do(open_app):
    app = open_app()
    assert "None yet: train one" in said(app)
    assert not figures(app)


def test_it_answers_before_the_first_click_and_then_what_is_typed_with_the_word_that_did_it(
    open_app, make_model
):
    make_model("gru")
    app = open_app()
    assert app.text_input(key="home_text").value
    assert chart(app)
    app.text_input(key="home_text").set_value("the film is great").run()
    assert chart(app)["layout"]["xaxis"]["ticktext"] == ["&lt;start&gt;", "the", "film", "is", "great"]
    [line] = [trace["y"] for trace in chart(app)["data"] if trace.get("customdata")]
    assert percent(max(line[-1], 1 - line[-1])) in body(app)
    word = ["<start>", "the", "film", "is", "great"][1 + int(np.abs(np.diff(line)).argmax())]
    assert f"moves most at “{word}”" in said(app)


def test_the_list_of_models_says_once_which_cells_there_are(open_app, make_model):
    """It had "Elman on IMDB" where nothing said what Elman is."""
    make_model("elman", cell="elman")
    said = [part.value for part in open_app().caption]
    cells = "a plain RNN (Elman), a UGRNN, a GRU, an LSTM, a minGRU, a minLSTM, an IndRNN, "
    cells += "an RG-LRU, an sLSTM or a selective state space (S6)"
    assert said.count(f"A model reads with one of these cells: {cells}.") == 1


@pytest.mark.parametrize("text", ["", "   ", "...", "😀"])
def test_a_text_without_a_word_gets_a_sentence(open_app, make_model, text):
    make_model("gru", cell="gru")
    app = open_app()
    app.text_input(key="home_text").set_value(text).run()
    assert "Type a few words" in said(app)


def test_where_no_model_loads_each_is_named_and_home_goes_on(open_app, make_model):
    (make_model("gru") / "weights.safetensors").write_bytes(b"half")
    (make_model("lstm") / "weights.safetensors").unlink()
    app = open_app()
    assert "gru" in app.error[0].value
    assert "lstm has no weights.safetensors" in app.error[1].value
    assert "(without weights)" in said(app)
    assert "Verdict corpus" in said(app)


@pytest.mark.parametrize("file", ["weights.safetensors", "vocabulary.txt", "scores.json", "history.json"])
def test_a_damaged_model_is_named_and_another_answers_but_a_history_is_not_needed(open_app, make_model, file):
    make_model("elman", cell="elman")
    (make_model("gru") / file).write_text("[1]")
    app = open_app()
    needs = file != "history.json"
    assert not needs or file in app.error[0].value
    assert f"{'elman' if needs else 'gru'}, read just now" in said(app)
    assert chart(app)


def test_the_authors_of_the_reviews_are_named(open_app):
    [caption] = [caption for caption in open_app().caption if "Maas et al., 2011" in caption.value]
    assert caption.help == IMDB_CITATION


def test_a_wrong_imdb_path_is_said_and_home_goes_on(open_app, monkeypatch, tmp_path):
    monkeypatch.setenv("GATESCOPE_IMDB", str(tmp_path / "nowhere"))
    assert "leads to" in said(open_app())


def test_the_usual_model_comes_first_in_the_list(open_app, make_model):
    for name in ("elman", "gru", "lstm", "pair", "reader"):
        make_model(name)
    [models] = [part.value for part in open_app().text if "reader" in part.value]
    assert [line.split("· ")[-1] for line in models.splitlines()] == ["reader", "elman", "gru", "and 2 more"]


def test_texts_of_ones_own_are_listed_by_name_and_number(open_app):
    for number, name in enumerate(("a", "tickets", "mail", "poems"), 2):
        rows = [Text("see you at noon", place % 2, "training") for place in range(number)]
        list(build_corpus(name, rows, own_folder(name), len(rows), ("ham", "spam")))
    (own_folder("mail") / "about.json").write_text("[1]")
    [listed] = [part.value for part in open_app().text if "texts" in part.value]
    lines = ["a: 2 texts", "mail: can't be read, see Data", "poems: 5 texts", "and 1 more"]
    assert listed.splitlines() == lines


def test_it_leads_to_a_network_of_a_made_up_language_where_one_comes_with_the_app(
    open_app, make_model, make_language_model
):
    make_model("gru")
    assert "strings of" not in " ".join(link.proto.label for link in open_app().get("page_link"))
    make_language_model("anbn", "speaker")
    [link] = [link.proto for link in open_app().get("page_link") if "strings of" in link.proto.label]
    assert link.label == "Watch one read strings of the language aⁿbⁿ"
    assert (link.page, link.query_string) == ("read", "model=speaker")
