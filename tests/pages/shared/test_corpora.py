"""Reviews that are damaged, gone, or about to be replaced; and what a run on them will cost."""

import gc
import math
import threading
import time
import weakref
from concurrent.futures import Future

import pytest
import streamlit as st

from pages.components.shared import corpora, cost
from pages.components.shared.cost import expected_seconds
from pages.components.train import disk
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.data import verdict
from rnn_core.data.imdb import Imdb
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.languages.catalogue import LANGUAGES
from rnn_core.training.estimate import Estimate
from tests.pages.elements import click, labels, press, texts

PATIENCE = 60.0  # seconds


def damage(data):
    folder = corpus_named(data).folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reviews.arrow").write_bytes(b"half")


def test_damaged_imdb_without_its_source_is_said_and_no_start_is_offered(open_app):
    damage("imdb")
    page = open_app("train", {"data": "imdb"})
    assert "Start training" not in labels(page)
    job = corpora.job("imdb")
    job.wait(PATIENCE)
    for _ in range(2):
        page.run()
        assert not page.exception
        assert "The IMDB reviews are not on this machine" in page.error[0].value
        assert "Start training" not in labels(page)
        assert "Download IMDB" in labels(page)
        assert corpora.job("imdb") is job  # what failed is not begun again
    home = open_app()
    assert "labelled reviews, ready" not in texts(home, "markdown")
    assert "Download IMDB" in labels(home)


@pytest.mark.parametrize("page", ["train", "experiments"])
def test_a_link_alone_prepares_no_large_corpus_and_the_cost_of_a_run_on_one_is_not_waited_for(open_app, page):
    open_app(page, {"data": "verdict", "verdict_distance": "4000"})
    large = recommended_config("verdict").with_settings(verdict_distance=4000)
    assert expected_seconds("a page", [large, recommended_config("verdict")]) == [math.inf, math.inf]
    assert corpora.opened("verdict-4000") is None
    assert corpora.job("verdict-4000") is None
    assert not corpus_named("verdict-4000").folder.exists()


def test_before_a_large_corpus_is_prepared_the_page_says_what_it_takes_and_asks(open_app, monkeypatch):
    begun = []
    monkeypatch.setattr(corpora, "prepare", lambda data, **_: begun.append(str(data)) or iter(()))
    page = open_app("train", {"data": "verdict", "verdict_distance": "4000"})
    assert "about 538 MB of disk and 1 min 38 s" in page.info[0].value
    assert "Start training" not in labels(page)
    press(page, "Prepare it")
    corpora.job("verdict-4000").wait(PATIENCE)
    page.run()  # it is not there, as when the disk was freed since
    assert begun == ["verdict-4000"]
    assert "Prepare it" in labels(page)


def test_what_failed_is_begun_again_when_asked_to(open_app):
    damage("imdb")
    page = open_app("train", {"data": "imdb"})
    failed = corpora.job("imdb")
    failed.wait(PATIENCE)
    press(page.run(), "Try again")
    assert corpora.job("imdb") is not failed


def test_damaged_reviews_are_prepared_again_where_they_can_be(small_verdict):
    damage("verdict")
    assert len(corpora.opened("verdict", PATIENCE)) == len(load_corpus("verdict"))


@pytest.mark.parametrize("name", ["verdict", "language-parity-bits3"])
def test_a_page_shows_no_texts_of_another_law(small_verdict, monkeypatch, name):
    """A generated review and a string that an earlier version wrote differ from those of today."""
    with monkeypatch.context() as earlier:
        earlier.setattr(verdict, "_KINDS", ("start",))
        earlier.setattr(LANGUAGES["parity"], "write", lambda language, size, rng: f"{'1' * size}={size % 2}")
        old = load_corpus(name).text(0)
    assert corpora.opened(name, PATIENCE).text(0) == load_corpus(name).text(0) != old


def test_a_download_replaces_damaged_reviews(monkeypatch):
    damage("imdb")
    asked = []
    monkeypatch.setattr(Imdb, "download", Imdb.download._replace(fetch=lambda: iter(())))
    monkeypatch.setattr(corpora, "prepare", lambda data, **how: asked.append(how) or iter(()))
    corpora.download(Imdb("imdb"))
    corpora.job("imdb").wait(PATIENCE)
    assert asked == [{"again": True}]


def test_the_reviews_are_closed_before_they_are_cleared(open_app, with_own_corpus, monkeypatch):
    """Windows deletes no file that is mapped into memory."""
    monkeypatch.setattr(cost, "_PATIENCE", PATIENCE)  # a page that waits for its estimate keeps them open
    page = open_app("train", {"data": "verdict", "max_length": "8", "hidden_size": "2"})
    ids = weakref.ref(corpora.opened("verdict").ids)
    assert ids() is not None
    were_closed = []

    def clear(store, *, archive):
        gc.collect()
        were_closed.append(ids() is None)
        return 0

    monkeypatch.setattr(disk, "clear", clear)
    click(page, "clear_disk")
    assert were_closed == [True]


def test_the_reviews_are_closed_before_they_are_prepared_again(with_own_corpus, monkeypatch, tmp_path):
    ids = weakref.ref(corpora.opened("verdict").ids)
    were_closed = []
    monkeypatch.setattr(corpora, "prepare", lambda *_: were_closed.append(ids() is None) or iter(()))
    corpora.read_from(Imdb("imdb"), tmp_path)
    corpora.job("imdb").wait(PATIENCE)
    assert were_closed == [True]


def test_a_measurement_has_ended_once_the_caches_are_cleared(monkeypatch):
    begun = threading.Event()

    def slow(config, corpus):
        begun.set()
        time.sleep(0.3)

    monkeypatch.setattr(cost, "estimate", slow)
    at_work, waiting = cost._desk().ask(
        "a page", [(RunConfig().with_settings(seed=seed), None) for seed in (0, 1)]
    )
    assert begun.wait(10)
    st.cache_resource.clear()
    assert at_work.done()
    assert waiting.cancelled()


def test_a_worker_that_is_not_ready_begins_later_on_a_busy_machine(monkeypatch):
    monkeypatch.setattr(cost.ready, "start_up_seconds", lambda: 4.0)
    measured = Future()
    measured.set_result(Estimate(parameters=1, optimizer_steps=1, seconds=90.0, share=0.25))
    assert cost._seconds(measured) == 106.0
