"""The similar moments are the best of all, as looking at each state alone finds them."""

import errno
import os
from functools import partial

import numpy as np
import pytest

from rnn_core.errors import DataError
from rnn_core.inspection import similar, unit_reading
from rnn_core.inspection.similar import count_moments, find_similar, open_similar, search, similar_path
from rnn_core.inspection.trace import trace
from rnn_core.inspection.unit_index import unit_index_path
from rnn_core.progress import finish
from rnn_core.text.vocabulary import UNK_ID, Vocabulary
from tests.inspection.made import RECIPES, UNIFORM, make_model

pytestmark = pytest.mark.slow  # it reads many reviews

WORDS = Vocabulary.from_counts({"the": 6, "film": 5, "was": 4, "good": 3, "bad": 2, "not": 1}, 10)
TEXT = "the film was not good"
make = partial(make_model, seed=7, vocabulary=WORDS, hidden_size=5, max_length=12, **UNIFORM)


@pytest.fixture
def corpus(make_corpus):
    """100 test reviews, more than a batch, some cut and some without a word; others that are not read."""
    rng = np.random.default_rng(3)
    words = [*WORDS.words[3:], "zither", "!"]
    return make_corpus(
        [
            (
                " ".join(rng.choice(words, number % 23)),
                number % 3 == 0,
                "training" if number < 20 else "test",
            )
            for number in range(120)
        ]
    )


def found(model, corpus, h, count=6):
    steps = search(model, corpus, corpus.indices("test"), h, count)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def one_by_one(model, corpus, h):
    """The largest cosine at a word of each test review, by reading it alone, and how many words that were."""
    best, words = {}, 0
    for index in corpus.indices("test").tolist():
        if not corpus.lengths()[index]:
            continue
        read = trace(model, corpus.text(index))
        places = np.flatnonzero(np.array(read.review.ids) >= UNK_ID)
        states = read.arrays["h"][places].astype(np.float64)
        cosines = states @ h / np.linalg.norm(states, axis=1) / np.linalg.norm(h)
        best[index] = cosines.max(), places[cosines.argmax()]
        words += len(places)
    return best, words


@pytest.mark.parametrize(
    ("cell", "padding"),
    list(zip(["elman", "gru", "lstm", *RECIPES], ["skip", "pre", "post"] * 4, strict=True)),
)
def test_the_six_best_are_those_of_looking_at_every_state_alone(corpus, cell, padding):
    model = make(
        **RECIPES.get(cell, {"cell": cell}),
        skip_padding=padding == "skip",
        padding="post" if padding == "post" else "pre",
    )
    h = trace(model, TEXT).arrays["h"][3]
    best, words = one_by_one(model, corpus, h)
    moments = found(model, corpus, h)
    expected = sorted(best, key=lambda index: -best[index][0])[:6]
    np.testing.assert_allclose([m.value for m in moments], [best[i][0] for i in expected], atol=1e-5)
    for moment in moments:
        assert moment.value == pytest.approx(best[moment.review][0], abs=1e-5)
        assert moment.label == ("positive" if corpus.labels[moment.review] else "negative")
    assert len({moment.review for moment in moments}) == 6
    assert count_moments(model, corpus) == words


def test_a_sample_misses_some_of_the_best_and_the_search_does_not(corpus, monkeypatch):
    monkeypatch.setattr(unit_reading, "STATES", 50)
    model = make()
    h = trace(model, TEXT).arrays["h"][3]
    index = finish(unit_reading.read_units(model, corpus, corpus.indices("test")))
    sampled = [moment.value for moment in index.nearest(h, 6)]
    every = [moment.value for moment in found(model, corpus, h)]
    assert all(one <= other + 1e-3 for one, other in zip(sampled, every, strict=True))
    assert sum(sampled) < sum(every) - 0.01


def test_progress_counts_moments_up_to_all_of_them(corpus):
    model = make()
    steps = list(search(model, corpus, corpus.indices("test"), np.ones(5, np.float32), 3))
    assert steps[0].done == 0
    assert steps[-1].done == steps[-1].total == count_moments(model, corpus)
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_what_was_found_is_kept_for_that_state_and_no_other(corpus):
    model = make()
    h, other = trace(model, TEXT).arrays["h"][3:5]
    for _ in find_similar(model, corpus, h, 6):
        pass
    index = unit_index_path(model, corpus)
    assert open_similar(similar_path(index, h, 6), corpus) == found(model, corpus, h)
    assert open_similar(similar_path(index, other, 6), corpus) is None
    assert open_similar(similar_path(unit_index_path(make(cell="lstm"), corpus), h, 6), corpus) is None


def test_a_search_that_is_cancelled_leaves_nothing_behind(corpus, tmp_path):
    model, h = make(), np.ones(5, np.float32)
    for number in range(len(list(search(model, corpus, corpus.indices("test"), h, 3)))):
        steps = find_similar(model, corpus, h, 3)
        for _ in range(number + 1):
            next(steps)
        steps.close()
    assert list((tmp_path / "cache").rglob("*.*")) == []


def test_a_spoilt_file_counts_as_none(corpus, tmp_path):
    path = tmp_path / "spoilt.json"
    for content in (
        b"", b"{", b"[[1]]", b'[["a", 1, 1]]', b"[[100000, 1, 1]]", b"7", b"\xff", b"[" * 100_000,
    ):  # fmt: skip
        path.write_bytes(content)
        assert open_similar(path, corpus) is None, content[:20]


def test_a_full_disk_is_named_in_words(corpus, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(similar, "write_whole", full)
    with pytest.raises(DataError, match=r"No space left on device\. Free some disk"):
        list(find_similar(make(), corpus, np.ones(5, np.float32), 3))
