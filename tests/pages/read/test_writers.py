"""Read with a network that learned to write: counts beside it, and a copy that learns while it reads."""

import re
from functools import partial
from html import escape

import numpy as np
import pytest

from pages.components.read import surprise_panels
from pages.components.read.counts import counted_bits
from pages.components.read.readings import Reading
from pages.components.read.tracking_panel import _hidden_along
from pages.components.read.whats_next import _columns
from pages.components.write import texts
from rnn_core.data.own.catalogue import remove
from rnn_core.figures.text import percent
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.trace import trace
from rnn_core.tasks.task import task_of
from rnn_core.text.readable import visible
from rnn_core.text.vocabulary import START_ID
from rnn_core.writing.choice import Choosing
from rnn_core.writing.learning import LearningReader
from rnn_core.writing.writer import Writer
from tests.baselines.test_ngram_scores import learned, letters
from tests.pages.elements import body, figures, press, said
from tests.untrained import published, untrained

TEXT = "parcel login invoice.\n" * 7


@pytest.fixture
def open_writer(open_app, settle):
    """A function that opens Read with an untrained network of characters, whose n-grams are kept or not."""
    config, corpus = letters()
    config = config.with_settings(hidden_size=5, embedding_size=3)
    counts, vocabulary, _ = learned(config, corpus)
    model = published("scribe", untrained(config, vocabulary.words[len(task_of(config).specials) :]))

    def make(is_kept=True, **query):
        if not is_kept:
            corpus.ref.ngrams_file.unlink()
        page = settle(open_app("read", {"model": "scribe", **query}, review_text=TEXT))
        return page, model, counts

    return make


def lines(page):
    """The lines of the last figure by name."""
    return {line["name"]: line["y"] for line in figures(page)[-1]["data"] if line.get("name")}


def test_counts_stand_beside_the_network(open_writer, settle):
    page, model, counts = open_writer(is_kept=False, token="9", read_panel="Where is it surprised?")
    assert "no counts to compare with yet" in said(page)
    press(page, "Count n-grams in its training texts")
    settle(page)
    p = counts.probabilities([START_ID, *model.vocabulary.encode(TEXT)][:10])
    rows = re.findall(
        r'class="name[^"]*">(.*?)</span>.*?class="number">.*?class="number">(.*?)</s', body(page)
    )
    shares = zip(map(escape, map(visible, model.vocabulary.words[2:])), map(percent, p), strict=True)
    assert len(rows) == len({*rows} & {*shares}) == 10
    remove("letters")
    [link] = [one for one in page.run().get("page_link") if one.proto.label == "To the texts"]
    assert "need its training texts, which never come" in said(page)
    assert link.proto.query_string == "data_reviews=letters"


def test_surprise_stands_beside_that_of_counts(open_writer):
    page, model, counts = open_writer(read_panel="Where is it surprised?")
    ours = next_tokens(model, trace(model, TEXT)).surprise
    ids = np.array([START_ID, *model.vocabulary.encode(TEXT), 3])
    theirs = counts.bits(ids, np.array([0, len(ids)]))[:, 6]
    assert lines(page)["network"] == pytest.approx(ours, abs=1e-3)
    assert lines(page)["counts"] == pytest.approx(theirs, abs=1e-3)
    assert f"mean surprise is {ours.mean():.3f} bits, that of counts" in said(page)
    counted_less, _ = (frame.value for frame in page.dataframe[-2:])
    worst = np.argsort(-(theirs - ours), kind="stable")[:3]
    assert counted_less["time step"].tolist() == [f"{t + 1}" for t in worst if theirs[t] > ours[t]]


def test_the_end_of_a_long_text_is_seen_as_in_the_whole(open_writer):
    _, model, counts = open_writer()
    writer = Writer(model, TEXT)
    whole, end = (Reading(model, TEXT, writer.trace(last=count), writer) for count in (None, 70))
    for seen in (partial(counted_bits, counts), partial(_hidden_along, name="place in the line")):
        of_whole, of_end = (np.array(seen(reading), float) for reading in (whole, end))
        assert (len(of_whole), len(of_end)) == (len(TEXT) + 1, 70)
        np.testing.assert_array_equal(of_end, of_whole[-70:])


def test_read_and_write_show_what_each_learned(open_writer, settle, monkeypatch):
    """Read shows the whole text and its end, Write the last symbols of the same one, which may go on."""
    monkeypatch.setattr(texts, "MOST_SHOWN", 70)
    shown = []
    monkeypatch.setattr(surprise_panels, "two_surprises_in_words", lambda _, *bits: shown.append(bits) or "")
    page, model, _ = open_writer(read_panel="It learns while it reads", learning_at="0.01")
    bits = LearningReader(model, rate=0.01).read(TEXT, ends=True)
    page.session_state["beginning"] = TEXT
    page.query_params["write_length"] = "0"
    settle(page.switch_page("pages/write.py").run())
    np.testing.assert_allclose(shown[0][0], bits)
    np.testing.assert_allclose(shown[-1][0], [*bits[-70:-1], np.nan])


def test_of_an_empty_text_nothing_surprises(open_writer, open_app, settle):
    open_writer()
    query = {"model": "scribe", "write_length": "0", "read_panel": "Where is it surprised?"}
    assert "Nothing has come yet that could" in said(settle(open_app("write", query, beginning="")))


def test_it_learns_while_it_reads_on_a_copy(open_writer):
    page, model, _ = open_writer(read_panel="It learns while it reads", learning_at="0.01")
    bits = LearningReader(model, rate=0.01).read(TEXT, ends=True)
    assert lines(page)["learning"][:1] == pytest.approx([bits[:64].mean()], abs=1e-3)
    assert lines(page)["learning"][-1:] == pytest.approx([bits[128:].mean()], abs=1e-3)
    fixed = next_tokens(model, trace(model, TEXT)).surprise.mean()
    assert f"its mean surprise is {bits.mean():.3f} bits here; as it is, {fixed:.3f}." in said(page)
    page.get_by_key("learning_rate").set_value("off").run()
    assert (page.query_params["learning_at"], "Learning is off" in said(page)) == ("off", True)


def test_the_choice_is_drawn_beside_the_network(make_language_model):
    model, how = make_language_model(), Choosing(temperature=0.5, top_k=2)
    reading = Reading(model, "aab", trace(model, "aab"))
    columns, says = _columns(reading, 3, how)
    names, expected = reading.next_tokens.names, Writer(model, "aab")
    assert dict(zip(names, columns["chosen by"][0], strict=True)) == pytest.approx(
        dict(zip(expected.names, expected.probabilities(how), strict=True))
    )
    assert says == " Chosen by: temperature: 0.5; only the k most probable: 2."
    assert "chosen by" not in _columns(reading, 3, Choosing(temperature=1, seed=3))[0]
