"""The units answer to what reading every review alone finds; its file is whole or it is not there."""

import dataclasses
import errno
import itertools
import os
from functools import partial

import numpy as np
import pytest
import torch

from rnn_core.errors import DataError, EmptyReviewError, OverflowedError
from rnn_core.inspection import units
from rnn_core.inspection.trace import trace
from rnn_core.inspection.units import (
    Context,
    ReadWord,
    areas_under_roc,
    build_unit_index,
    context,
    open_unit_index,
    read_units,
    unit_index_path,
    words_read,
)
from rnn_core.progress import finish
from rnn_core.text.vocabulary import UNK_ID, Vocabulary
from tests.inspection.made import RECIPES, UNIFORM, VARIANTS, make_model
from tests.refusals import refusals

WORDS = Vocabulary.from_counts({"the": 6, "film": 5, "was": 4, "good": 3, "bad": 2, "not": 1}, 10)
H = 5
make = partial(make_model, seed=7, vocabulary=WORDS, hidden_size=H, max_length=12, **UNIFORM)


@pytest.fixture
def corpus(make_corpus):
    """100 test reviews, more than a batch, some cut and some without a word; others that are not read."""
    rng = np.random.default_rng(3)
    words = [*WORDS.words[3:], "zither", "!"]
    texts = [" ".join(rng.choice(words, number % 23)) for number in range(120)]
    splits = ["training"] * 20 + ["test"] * 100
    labels = [number % 3 == 0 for number in range(120)]
    return make_corpus(list(zip(texts, labels, splits, strict=True)))


def built(model, corpus, layer=None):
    finish(build_unit_index(model, corpus, layer))
    return open_unit_index(model, corpus, layer)


def read_of(model, corpus, seed=0):
    return finish(read_units(model, corpus, seed=seed))


def read_alone(model, corpus, layer=None):
    """Each test review with a word: its arrays, and which of its time steps hold a word."""
    alone = {}
    for index in corpus.indices("test").tolist():
        try:
            read = trace(model, corpus.text(index), layer=layer)
        except EmptyReviewError:
            continue
        alone[index] = read.arrays, np.array(read.review.ids) >= UNK_ID
    return alone


def assert_largest(moments, values, alone, corpus, count, atol):
    """These moments have the largest of values (T,) by review, one of a review; equal ones in any order."""
    most = sorted((of[alone[review][1]].max() for review, of in values.items()), reverse=True)
    given = [moment.value for moment in moments]
    assert given == pytest.approx(most[:count], abs=atol)
    assert given == sorted(given, reverse=True)
    assert len({moment.review for moment in moments}) == len(moments) == min(count, len(most))
    for moment in moments:
        assert moment.value == pytest.approx(values[moment.review][moment.time], abs=atol)
        assert alone[moment.review][1][moment.time]
        assert moment.label == ("positive" if corpus.labels[moment.review] else "negative")


READ = {"skip_padding": False}
PADDINGS = {"skipped": {}, "in front": READ, "at the end": READ | {"padding": "post"}}
SETTINGS = {**VARIANTS, "one-hot": {"cell": "lstm", "input": "one-hot"}, **RECIPES}


@pytest.fixture(params=zip(SETTINGS, itertools.cycle(PADDINGS)), ids=", ".join)
def network(request):
    settings, padding = request.param
    window = {"truncation": "post", "start_token": False} if padding == "at the end" else {}
    return make(**SETTINGS[settings], **PADDINGS[padding], **window)


def test_the_index_is_that_of_each_review_alone(corpus, network):
    """The openers of every unit, the ranking, and the similar moments."""
    positive_of = {review: corpus.labels[review] == 1 for review in corpus.indices("test").tolist()}
    for layer in range(1, network.config.model.layers + 1):
        alone, index = read_alone(network, corpus, layer), built(network, corpus, layer=layer)
        positive = np.array([positive_of[review] for review in alone])
        assert index.letters == tuple(next(iter(alone.values()))[0])
        for letter in index.letters:
            means = np.array([arrays[letter][is_word].mean(axis=0) for arrays, is_word in alone.values()])
            ranking = index.ranking(letter)
            assert sorted(ranking.units) == list(range(H))
            assert (np.diff(np.abs(ranking.auc - 0.5)) <= 0).all()
            np.testing.assert_allclose(ranking.auc, pairs(means, positive)[ranking.units], atol=2e-3)
            for unit in range(H):
                values = {review: arrays[letter][:, unit] for review, (arrays, _) in alone.items()}
                openers = index.openers(letter, unit)
                assert_largest(openers, values, alone, corpus, units.OPENERS, 1e-5)
        h = trace(network, "The zither was bad!", layer=layer).arrays["h"][-1]
        cosines = {
            review: arrays["h"] @ h / np.linalg.norm(arrays["h"], axis=1) / np.linalg.norm(h)
            for review, (arrays, _) in alone.items()
        }
        for count in (1, 7, 1000):
            assert_largest(index.nearest(h, count), cosines, alone, corpus, count, 2e-3)
    words = words_read(network, corpus, corpus.indices("test"))
    assert words.sum() == sum(is_word.sum() for _, is_word in alone.values())


def pairs(values, positive):
    """The area under the ROC curve by its meaning: all pairs, equal ones count half."""
    p, n = values[positive][:, None], values[~positive]
    return ((p > n) + (p == n) / 2).mean(axis=(0, 1))


@pytest.mark.parametrize("at_once", [1, 4_000_000])
def test_an_area_is_the_share_of_pairs_in_order(monkeypatch, at_once):
    """Each class against the rest; where there is only one side it is 0.5."""
    monkeypatch.setattr(units, "_AT_ONCE", at_once)
    rng = np.random.default_rng(0)
    values = rng.integers(0, 9, (300, 4)).astype(np.float32)  # many are equal
    labels = rng.integers(0, 5, 300).astype(np.int8)
    areas = areas_under_roc(values, labels, 7)
    assert areas.shape == (4, 7)
    for number in range(5):
        expected = pairs(values, labels == number)
        np.testing.assert_allclose(areas[:, number], expected, atol=1e-6)
    assert (areas[:, 5:] == 0.5).all()
    assert all((areas_under_roc(values, np.full(300, side), 2) == 0.5).all() for side in (0, 1))


def test_an_index_ranks_the_units_for_each_class(corpus):
    labels = (np.arange(len(corpus)) % 4).astype(np.int8)
    many = dataclasses.replace(corpus, labels=labels, classes=("a", "b", "c", "d"))
    index = built(make(classes=4), many)
    assert index.auc.shape == (len(index.letters), H, 4)
    for number in range(4):
        ranking = index.ranking("h", number)
        np.testing.assert_array_equal(ranking.auc, index.auc[index.letters.index("h"), ranking.units, number])
    assert all(moment.label == "abcd"[labels[moment.review]] for moment in index.openers("h", 0))
    one, other = (built(make(), corpus).ranking("h", number) for number in (1, 0))
    np.testing.assert_array_equal(one.units, other.units)
    np.testing.assert_allclose(one.auc, 1 - other.auc)


def test_a_sample_of_words_is_drawn_by_the_seed(corpus, monkeypatch):
    """It holds as many states as asked for, and misses some of the best, which the whole does not."""
    model = make(skip_padding=False)
    alone, whole = read_alone(model, corpus), read_of(model, corpus)
    monkeypatch.setattr(units, "STATES", 50)
    one, same, other = (read_of(model, corpus, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.states, same.states)
    assert not np.array_equal(one.state_times, other.state_times)
    places = list(zip(one.state_reviews.tolist(), one.state_times.tolist(), strict=True))
    assert len(set(places)) == 50
    assert places == sorted(places)
    for (review, time), state in zip(places, one.states, strict=True):
        arrays, is_word = alone[review]
        assert is_word[time]
        h = arrays["h"][time]
        np.testing.assert_allclose(state, h / np.linalg.norm(h), atol=1e-3)
    h = trace(model, "the film was not good").arrays["h"][3]
    sampled, every = ([moment.value for moment in of] for of in (one.nearest(h, 6), whole.nearest(h, 6)))
    assert all(one <= other + 1e-3 for one, other in zip(sampled, every, strict=True))
    assert sum(sampled) < sum(every) - 0.01


def test_an_index_is_made_once_with_torch_as_it_was(corpus):
    model, done = make(layers=2), []
    assert open_unit_index(model, corpus) is None
    for progress in build_unit_index(model, corpus):
        done += [progress.done] if "Reading" in progress.doing else []
        assert not torch.is_inference_mode_enabled()
        assert torch.is_grad_enabled()
    assert done == [0, 64]
    for layer in (None, 2):  # the top one
        assert list(build_unit_index(model, corpus, layer=layer)) == []
    assert open_unit_index(model, corpus, layer=1) is None


def test_wherever_it_is_cancelled_nothing_is_left(corpus, tmp_path):
    model = make()
    steps = len(list(build_unit_index(model, corpus)))
    for file in (tmp_path / "cache").rglob("*.*"):
        file.unlink()
    for step in range(steps):
        building = build_unit_index(model, corpus)
        for _ in range(step + 1):
            next(building)
        building.close()
        assert list((tmp_path / "cache").rglob("*.*")) == []


def test_a_full_disk_is_named_in_words(corpus, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(units, "write_whole", full)
    with pytest.raises(DataError, match=r"could not be kept in .*No space left on device\. Free some disk"):
        finish(build_unit_index(make(), corpus))


SPOILT = {
    "cut": lambda whole, other: whole[:-100],
    "a bit": lambda whole, other: whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:],
    "the header": lambda whole, other: whole.replace(b"digest", b"digesd"),
    "another's": lambda whole, other: other,
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_file_is_none_and_made_again(corpus, spoil):
    model, other = make(), make(cell="lstm")
    whole, path = built(model, corpus), unit_index_path(model, corpus)
    built(other, corpus)
    path.write_bytes(spoil(path.read_bytes(), unit_index_path(other, corpus).read_bytes()))
    assert open_unit_index(model, corpus) is None
    again = built(model, corpus)
    assert np.array_equal(again.states, whole.states)
    assert np.array_equal(again.activations, whole.activations)


def test_an_index_is_of_a_model_and_its_reviews(corpus, make_corpus):
    model = make()
    trained_on = make()
    with torch.no_grad():
        trained_on.classifier.head.bias += 1
    words = Vocabulary([*WORDS.words[:-2], *WORDS.words[:-3:-1]])
    others = [trained_on, make(vocabulary=words), make(max_length=11), make(cell="gru", reset="after")]
    paths = {unit_index_path(other, corpus) for other in [model, *others]}
    reviews = [(corpus.text(i), bool(corpus.labels[i]), "test") for i in range(len(corpus))]
    paths.add(unit_index_path(model, make_corpus(reviews)))
    assert len(paths) == 6
    assert unit_index_path(make(name="a copy"), corpus) == unit_index_path(model, corpus)


def test_of_equal_ones_the_longest_windows_are_kept(corpus):
    model = make()
    with torch.no_grad():
        model.classifier.cell.b[2 * H :] = 100.0  # n of every unit is 1
        model.classifier.cell.W[:, 2 * H :] = 0
        model.classifier.cell.U[:, 2 * H :] = 0
    moments = built(model, corpus).openers("n", 1)
    assert [moment.value for moment in moments] == [1.0] * units.OPENERS
    assert {moment.time for moment in moments} == {1}  # the first word
    lengths = corpus.lengths()
    assert [moment.review for moment in moments] == [i for i in range(20, 120) if lengths[i] >= 11][:20]


test_no_word_or_text_to_look_up = refusals(
    DataError,
    {
        "no room": (lambda corpus: built(make(max_length=1), corpus), "reads no word of any test review"),
        "no test texts": (
            lambda make_corpus: built(make(), make_corpus([("good", True, "training")])),
            "There are no test texts",
        ),
    },
)


def test_a_network_that_diverged_has_no_units(corpus):
    model = make(name="diverged")
    with torch.no_grad():
        model.classifier.cell.U[0, 0] = torch.nan
    with pytest.raises(OverflowedError, match="diverged overflows on some of these texts"):
        built(model, corpus)


def test_the_oldest_index_makes_room(corpus, monkeypatch):
    monkeypatch.setattr(units, "KEPT", 2)
    paths = []
    for number, cell in enumerate(("elman", "gru", "lstm")):
        model = make(cell=cell)
        built(model, corpus)
        paths.append(unit_index_path(model, corpus))
        os.utime(paths[-1], (number, number))
    assert [path.exists() for path in paths] == [False, True, True]


TEXT = "Not a FILM, isn't it?<br />The zither was good"
TOKENS = ("not", "a", "film", "isn't", "it", "?", "the", "zither", "was", "good")


def test_a_context_is_the_text_around_a_time_step(make_corpus):
    corpus = make_corpus([("other", False, "test"), (TEXT, True, "test")])
    for max_length, truncation, start_token, padding in itertools.product(
        (3, 7, 14), ("pre", "post"), (True, False), PADDINGS
    ):
        window = {"max_length": max_length, "truncation": truncation, "start_token": start_token}
        model = make(**window, **PADDINGS[padding])
        read = trace(model, TEXT).review
        places = [i for i in range(len(read.ids)) if read.ids[i] >= UNK_ID]
        seen = TOKENS[read.kept]
        assert len(seen) == len(places) == min(10, max_length - start_token)
        for place, time in enumerate(places):
            found = context(model, corpus, ReadWord(1, time, 0.0, "positive"), words=2)
            assert found == Context(
                before=seen[max(place - 2, 0) : place],
                word=seen[place],
                after=seen[place + 1 : place + 3],
                unknown=seen[place] not in WORDS,
                goes_on_before=place > 2,
                goes_on_after=place + 3 < len(seen),
            ), (model.config.text, time)


def test_a_special_token_has_a_context_around_it(make_corpus):
    corpus = make_corpus([("The film was good", True, "test")])
    after_start = context(make(), corpus, ReadWord(0, 0, 0.0, "positive"), words=2)
    assert (after_start.before, after_start.word, after_start.after) == ((), "<start>", ("the", "film"))
    assert (after_start.goes_on_before, after_start.goes_on_after) == (False, True)
    padded = make(skip_padding=False, padding="post")
    after_all = context(padded, corpus, ReadWord(0, 9, 0.0, "positive"), words=2)
    assert (after_all.before, after_all.word, after_all.after) == (("was", "good"), "<pad>", ())
    assert (after_all.goes_on_before, after_all.goes_on_after) == (True, False)
