"""Reviews that are damaged, gone or about to be replaced; what runs on them cost; baselines and histories."""

import gc
import json
import math
import shutil
import threading
import time
import weakref
from concurrent.futures import Future

import pytest
import streamlit as st

from pages.components.shared import corpora, cost, histories
from pages.components.shared.baselines import baselines_in_words
from pages.components.shared.cost import expected_seconds
from pages.components.train import disk
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.data.imdb import Imdb
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.paths import results_folder
from rnn_core.runs.history import StoredRecords
from rnn_core.runs.store import Store
from rnn_core.training.estimate import Estimate
from tests.pages.elements import click, labels, press, texts
from tests.pages.second_way import RESULTS
from tests.pages.train.made import record_of

PATIENCE = 60.0  # seconds


def damage(data):
    folder = corpus_named(data).folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reviews.arrow").write_bytes(b"half")


def test_damaged_imdb_without_its_source_is_said(open_app):
    """No start is offered, and what failed is begun again only when asked to."""
    damage("imdb")
    page = open_app("train", {"data": "imdb"})
    assert "Start training" not in labels(page)
    job = corpora.job("imdb")
    job.wait(PATIENCE)
    for _ in range(2):
        page.run()
        assert "The IMDB reviews are not on this machine" in page.error[0].value
        assert "Start training" not in labels(page)
        assert "Download IMDB" in labels(page)
        assert corpora.job("imdb") is job
    home = open_app()
    assert "labelled reviews, ready" not in texts(home, "markdown")
    assert "Download IMDB" in labels(home)
    press(page, "Try again")
    assert corpora.job("imdb") is not job


@pytest.mark.parametrize("page", ["train", "experiments"])
def test_a_link_alone_prepares_no_large_corpus(open_app, page):
    open_app(page, {"data": "verdict", "verdict_distance": "4000"})
    large = recommended_config("verdict").with_settings(verdict_distance=4000)
    assert expected_seconds("a page", [large, recommended_config("verdict")]) == [math.inf, math.inf]
    assert corpora.opened("verdict-4000") is None
    assert corpora.job("verdict-4000") is None
    assert not corpus_named("verdict-4000").folder.exists()


def test_a_large_corpus_is_prepared_when_asked_for(open_app, monkeypatch):
    begun = []
    monkeypatch.setattr(corpora, "prepare", lambda data, *_, **__: begun.append(str(data)) or iter(()))
    page = open_app("train", {"data": "verdict", "verdict_distance": "4000"})
    assert "about 538 MB of disk and 1 min 38 s" in page.info[0].value
    assert "Start training" not in labels(page)
    press(page, "Prepare it")
    corpora.job("verdict-4000").wait(PATIENCE)
    page.run()  # it is not there, as when the disk was freed since
    assert begun == ["verdict-4000"]
    assert "Prepare it" in labels(page)


def test_damaged_reviews_are_prepared_again(small_verdict):
    damage("verdict")
    assert len(corpora.opened("verdict", PATIENCE)) == len(load_corpus("verdict"))


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
    corpora.begin(Imdb("imdb"), tmp_path)
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
    monkeypatch.setattr(cost.ready.place, "start_up_seconds", lambda: 4.0)
    measured = Future()
    measured.set_result(Estimate(parameters=1, optimizer_steps=1, seconds=90.0, share=0.25))
    assert cost._seconds(measured) == 106.0


def means(data, name, measure):
    baselines = json.loads((RESULTS / f"baselines-{data}.json").read_text())["baselines"]
    [shares] = [[seed[measure] for seed in one["seeds"]] for one in baselines if one["name"] == name]
    return sum(shares) / len(shares)


@pytest.fixture
def measured():
    """The baselines that come with the app."""
    results_folder().mkdir(parents=True)
    for data in ("imdb", "verdict"):
        shutil.copy(RESULTS / f"baselines-{data}.json", results_folder())


def test_baselines_say_their_reviews_and_numbers(measured):
    said = baselines_in_words(RunConfig())
    assert f"NB-SVM on bigrams {means('imdb', 'nb-svm', 'validation_accuracy'):.1%}" in said
    assert f"Bag of words {means('imdb', 'bag-of-words', 'validation_accuracy'):.1%}" in said
    on_test = [means("imdb", name, "test_accuracy") for name in ("nb-svm", "bag-of-words", "majority")]
    assert f"on the test reviews {', '.join(f'{share:.1%}' for share in on_test)}" in said
    assert "learned from 22,500 reviews, means over the splits of seeds 0 and 1" in said
    assert "This run" not in said
    corpus_named("imdb").baselines_file.write_text("{")
    assert baselines_in_words(RunConfig()) == "Dotted: the majority class, half of the reviews."


@pytest.mark.parametrize(
    ("data", "settings", "words"),
    [
        ("imdb", {"seed": 3}, "This run has the split of seed 3:"),
        ("imdb", {"seed": 2, "reviews": 500}, "has the split of seed 2 and learns from 500 reviews:"),
        ("verdict", {"seed": 5}, "learned from 12,000 reviews)"),  # with a validation split of their own
        ("verdict", {"reviews": 300}, "This run learns from 300 reviews"),
    ],
)
def test_baselines_of_other_reviews_say_so(measured, data, settings, words):
    said = baselines_in_words(RunConfig(data=data).with_settings(**settings))
    assert words in said
    assert data == "imdb" or "seed" not in said


def add(store, run, losses, **more):
    store.records.append(run.id, [record_of(1, loss=loss, **more) for loss in losses])


def begin(store, *losses):
    """Returns a run with these losses so far."""
    run = store.create(recommended_config("verdict"))
    add(store, run, losses)
    return run


def losses(known):
    return known.history.training["loss"].tolist()


def test_a_history_grows_by_what_is_new(store):
    run, shelf = begin(store, 3.0), histories._Shelf()
    assert losses(shelf.read(store, run)) == [3.0]
    add(store, run, [2.0, 1.0])
    assert losses(shelf.read(store, run)) == [3.0, 2.0, 1.0]


def test_the_time_left_is_that_of_several_records(store):
    """The latest ones, of which no single one changes it."""
    run, shelf = begin(store), histories._Shelf()
    shown = []
    for number in range(9):
        seconds_left = 300.0 if number in (0, 6) else 100.0 - number
        add(store, run, [0.7], seconds=float(number), seconds_left=seconds_left)
        shown.append(shelf.read(store, run).seconds_left)
    assert shown == [None, None, None, None, 96.0, 95.0, 94.0, 93.0, 92.0]


def test_runs_not_looked_at_for_long_are_read_again(store, monkeypatch):
    monkeypatch.setattr(histories, "_MOST_KEPT", 2)
    runs = [begin(store, float(number)) for number in range(3)]
    shelf = histories._Shelf()
    for run in (*runs[:2], runs[0], runs[2]):
        shelf.read(store, run)
    assert [run_id for _, run_id, _ in shelf._runs] == [runs[0].id, runs[2].id]
    assert losses(shelf.read(store, runs[1])) == [1.0]


def test_one_slow_look_keeps_nobody_waiting(store):
    slow, quick, shelf, waiting = begin(store, 1.0), begin(store, 2.0), histories._Shelf(), []

    class SlowRecords(StoredRecords):
        def since(self, run_id, row):
            other = threading.Thread(target=shelf.read, args=(store, quick))
            other.start()
            other.join(10)
            waiting.append(other.is_alive())
            return super().since(run_id, row)

    slow_store = Store()
    slow_store.records = SlowRecords(slow_store.database)
    shelf.read(slow_store, slow)
    assert waiting == [False]
