"""What the units answer to is what reading every review alone finds; its file is whole or it is not there."""

import dataclasses
import errno
import itertools
import os
from functools import partial

import numpy as np
import pytest
import torch

from rnn_core.errors import DataError, EmptyReviewError, OverflowedError
from rnn_core.inspection import unit_index
from rnn_core.inspection.similar import count_moments, find_similar, open_similar, search, similar_path
from rnn_core.inspection.trace import trace
from rnn_core.inspection.unit_index import (
    area_under_roc,
    areas_under_roc,
    build_unit_index,
    open_unit_index,
    read_units,
    unit_index_path,
)
from rnn_core.inspection.units import Context, Moment, context
from rnn_core.progress import finish
from rnn_core.text.vocabulary import UNK_ID, Vocabulary
from tests.inspection.made import RECIPES, UNIFORM, make_model

WORDS = Vocabulary.from_counts({"the": 6, "film": 5, "was": 4, "good": 3, "bad": 2, "not": 1}, 10)
CELLS = {
    "elman": {"cell": "elman"},
    "gru": {"cell": "gru"},
    "gru-after": {"cell": "gru", "reset": "after"},
    "lstm": {"cell": "lstm", "input": "one-hot"},
    "gru, counted bigrams": {"cell": "gru", **RECIPES["counted bigrams"]},
}
H = 5
make = partial(make_model, seed=7, vocabulary=WORDS, hidden_size=H, max_length=12, **UNIFORM)


@pytest.fixture
def corpus(make_corpus):
    """100 test reviews, more than a batch, some cut and some without a word; others that are not read."""
    rng = np.random.default_rng(3)
    words = [*WORDS.words[3:], "zither", "!"]
    return make_corpus(
        [
            (" ".join(rng.choice(words, number % 23)), number % 3 == 0, "training" if number < 20 else "test")
            for number in range(120)
        ]
    )


def built(model, corpus, reviews=None):
    for _ in build_unit_index(model, corpus, reviews):
        pass
    return open_unit_index(model, corpus, reviews)


def read_alone(model, corpus):
    """Each test review with a word: its arrays, and which of its time steps hold a word."""
    alone = {}
    for index in corpus.indices("test").tolist():
        try:
            read = trace(model, corpus.text(index))
        except EmptyReviewError:
            continue
        alone[index] = read.arrays, np.array(read.review.ids) >= UNK_ID
    return alone


def assert_largest(moments, value_of, most, corpus, count, atol):
    """These are the moments with the largest value, one of a review; equal ones may come in any order."""
    values = [moment.value for moment in moments]
    assert values == pytest.approx(sorted(most.values())[::-1][:count], abs=atol)
    assert values == sorted(values, reverse=True)
    assert len({moment.review for moment in moments}) == len(moments) == min(count, len(most))
    for moment in moments:
        assert moment.value == pytest.approx(value_of(moment), abs=atol)
        assert moment.label == ("positive" if corpus.labels[moment.review] else "negative")


def cosines_to(h, alone):
    """The cosine of a moment to h, and the largest one at a word of each review."""
    cosines = {
        review: arrays["h"] @ h / np.linalg.norm(arrays["h"], axis=1) / np.linalg.norm(h)
        for review, (arrays, _) in alone.items()
    }
    most = {review: cosines[review][is_word].max() for review, (_, is_word) in alone.items()}
    return (lambda moment: cosines[moment.review][moment.time]), most


def padded(padding):
    """The settings of a window that is not padded, or on a side."""
    return {"skip_padding": padding == "skip", "padding": "post" if padding == "post" else "pre"}


@pytest.mark.parametrize(
    ("cell", "padding"), [*zip(CELLS, ["skip", "pre", "post", "skip", "pre"], strict=True), ("lstm", "post")]
)
def test_the_openers_of_every_unit_are_those_of_reading_each_review_alone(corpus, cell, padding):
    is_post = padding == "post"
    window = {"truncation": "post" if is_post else "pre", "start_token": not is_post}
    model = make(**CELLS[cell], **padded(padding), **window)
    alone, index = read_alone(model, corpus), built(model, corpus)
    assert index.letters == tuple(next(iter(alone.values()))[0])
    for letter, unit in itertools.product(index.letters, range(H)):
        values = {review: arrays[letter][:, unit] for review, (arrays, _) in alone.items()}
        most = {review: values[review][is_word].max() for review, (_, is_word) in alone.items()}
        found = index.openers(letter, unit)
        assert_largest(
            found, lambda one, of=values: of[one.review][one.time], most, corpus, unit_index.OPENERS, 1e-5
        )
        assert all(alone[moment.review][1][moment.time] for moment in found)


@pytest.mark.parametrize("layer", [1, 2])
def test_each_layer_has_an_index_of_its_own_units(corpus, layer):
    model = make(layers=2)
    for _ in build_unit_index(model, corpus, layer=layer):
        pass
    index = open_unit_index(model, corpus, layer=layer)
    for unit in range(H):
        for moment in index.openers("h", unit)[:2]:
            h = trace(model, corpus.text(moment.review), layer=layer).arrays["h"]
            assert h[moment.time, unit] == pytest.approx(moment.value, abs=1e-5)
    assert open_unit_index(model, corpus, layer=3 - layer) is None
    assert unit_index_path(model, corpus) == unit_index_path(model, corpus, layer=2)


@pytest.mark.parametrize(
    ("cell", "padding"), [*zip(CELLS, ["pre", "skip", "pre", "pre", "skip"], strict=True)]
)
def test_the_ranking_is_that_of_the_mean_over_the_words_of_each_review(corpus, cell, padding):
    model = make(**CELLS[cell], skip_padding=padding == "skip")
    alone, index = read_alone(model, corpus), built(model, corpus)
    positive = np.array([corpus.labels[i] == 1 for i in alone])
    for letter in index.letters:
        means = np.array([arrays[letter][is_word].mean(axis=0) for arrays, is_word in alone.values()])
        ranking = index.ranking(letter)
        assert sorted(ranking.units) == list(range(H))
        assert (np.diff(np.abs(ranking.auc - 0.5)) <= 0).all()
        np.testing.assert_allclose(ranking.auc, pairs(means, positive)[ranking.units], atol=2e-3)


def pairs(values, positive):
    """The area under the ROC curve by its meaning: all pairs, equal ones count half."""
    p, n = values[positive][:, None], values[~positive]
    return ((p > n) + (p == n) / 2).mean(axis=(0, 1))


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_the_area_under_the_curve_is_the_share_of_pairs_in_order_where_equal_ones_count_half(levels):
    rng = np.random.default_rng(levels)
    values = rng.integers(0, levels, (60, 7)).astype(np.float32)
    positive = rng.random(60) < 0.3
    np.testing.assert_allclose(area_under_roc(values, positive), pairs(values, positive), atol=1e-6)


def test_a_unit_predicts_all_where_it_is_always_or_never_larger_and_nothing_where_all_labels_agree():
    values = np.array([[3, 0, 1], [4, 1, 1], [1, 2, 1]], np.float32)
    for positive, areas in (
        ([True, True, False], [1, 0, 0.5]),
        ([True, True, True], [0.5, 0.5, 0.5]),
        ([False, False, False], [0.5, 0.5, 0.5]),
    ):
        assert area_under_roc(values, np.array(positive)).tolist() == areas


@pytest.mark.parametrize("cell", CELLS)
def test_similar_moments_are_those_with_the_largest_cosine(corpus, cell):
    model = make(**CELLS[cell])
    alone, index = read_alone(model, corpus), built(model, corpus)
    h = trace(model, "The zither was bad!").arrays["h"][-1]
    cosine, most = cosines_to(h, alone)
    for count in (1, 7, 1000):
        assert_largest(index.nearest(h, count), cosine, most, corpus, count, 2e-3)


def test_the_most_similar_moment_to_one_of_the_sample_is_itself(corpus):
    model = make()
    index = built(model, corpus)
    review = next(i for i in corpus.indices("test").tolist() if corpus.lengths()[i] > 15)
    h = trace(model, corpus.text(review)).arrays["h"][9]
    (found,) = index.nearest(h, 1)
    assert (found.review, found.time) == (review, 9)
    assert found.value == pytest.approx(1, abs=1e-3)


def test_a_sample_holds_as_many_states_as_asked_for_and_only_words(corpus, monkeypatch):
    monkeypatch.setattr(unit_index, "STATES", 50)
    model = make(skip_padding=False)
    alone = read_alone(model, corpus)
    one, same, other = (finish(read_units(model, corpus, corpus.indices("test"), seed)) for seed in (0, 0, 1))
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


def test_small_batches_find_the_same(corpus, monkeypatch):
    model = make(name="lstm", cell="lstm")
    whole = finish(read_units(model, corpus, corpus.indices("test")))
    monkeypatch.setattr(unit_index, "_BATCH_NUMBERS", 3 * 12 * H)
    parts = finish(read_units(model, corpus, corpus.indices("test")))
    for field in ("activations", "auc", "states"):
        np.testing.assert_allclose(getattr(parts, field), getattr(whole, field), atol=2e-3)


def test_what_is_opened_is_what_was_read(corpus):
    model = make()
    read, opened = finish(read_units(model, corpus, corpus.indices("test"))), built(model, corpus)
    for name, there in ((field.name, getattr(read, field.name)) for field in dataclasses.fields(read)):
        assert np.array_equal(there, getattr(opened, name))
        assert name in ("letters", "classes") or there.dtype == getattr(opened, name).dtype


def test_an_index_that_is_there_is_not_made_again_and_at_a_progress_nobody_is_left_in_inference_mode(corpus):
    model, done = make(), []
    assert open_unit_index(model, corpus) is None
    for progress in build_unit_index(model, corpus):
        done += [progress.done] if "Reading" in progress.doing else []
        assert not torch.is_inference_mode_enabled()
        assert torch.is_grad_enabled()
    assert done == [0, 64]
    assert list(build_unit_index(model, corpus)) == []


def test_wherever_it_is_cancelled_nothing_is_left_behind(corpus, tmp_path):
    model = make()
    steps = len(list(build_unit_index(model, corpus)))
    unit_index_path(model, corpus).unlink()
    for step in range(steps):
        building = build_unit_index(model, corpus)
        for _ in range(step + 1):
            next(building)
        building.close()
        assert list((tmp_path / "cache").rglob("*.*")) == []
    assert open_unit_index(model, corpus) is None


@pytest.mark.parametrize("spoil", ["cut", "bit", "empty", "other", "header"])
def test_a_spoilt_file_counts_as_none_and_is_made_again(corpus, spoil):
    model = make()
    whole, path = built(model, corpus), unit_index_path(model, corpus)
    content = path.read_bytes()
    spoilt = {
        "cut": content[:-100],
        "bit": content[:-100] + bytes([content[-100] ^ 1]) + content[-99:],
        "empty": b"",
        "header": content.replace(b"digest", b"digesd"),
    }
    if spoil in spoilt:
        path.write_bytes(spoilt[spoil])
    else:
        other = make(cell="lstm")
        built(other, corpus)
        unit_index_path(other, corpus).replace(path)
    assert open_unit_index(model, corpus) is None
    again = built(model, corpus)
    assert np.array_equal(again.states, whole.states)
    assert np.array_equal(again.activations, whole.activations)


def test_another_model_other_reviews_or_other_settings_have_another_index(corpus, make_corpus):
    model = make()
    trained_on = make()
    with torch.no_grad():
        trained_on.classifier.head.bias += 1
    words = Vocabulary([*WORDS.words[:-2], *WORDS.words[:-3:-1]])
    others = [trained_on, make(vocabulary=words), make(max_length=11), make(cell="gru", reset="after")]
    paths = {unit_index_path(other, corpus) for other in [model, *others]}
    paths.add(unit_index_path(model, corpus, 30))
    reviews = [(corpus.text(i), bool(corpus.labels[i]), "test") for i in range(len(corpus))]
    paths.add(unit_index_path(model, make_corpus(reviews)))
    assert len(paths) == 7
    assert unit_index_path(make(name="a copy"), corpus) == unit_index_path(model, corpus)
    assert unit_index_path(model, corpus, 101) == unit_index_path(model, corpus)


def test_at_most_so_many_test_reviews_are_read(corpus):
    index = built(make(), corpus, 30)
    read = set(index.state_reviews.tolist())
    assert 20 < len(read) <= 30
    assert read <= set(corpus.indices("test").tolist())
    assert {moment.review for moment in index.openers("h", 0)} <= read
    few = built(make(), corpus, 4)
    assert 0 < len(few.openers("z", 0)) <= 4


def test_of_equal_activations_those_of_the_longest_windows_are_kept(corpus):
    model = make()
    with torch.no_grad():
        model.classifier.cell.b[2 * H :] = 100.0  # n of every unit is 1
        model.classifier.cell.W[:, 2 * H :] = 0
        model.classifier.cell.U[:, 2 * H :] = 0
    moments = built(model, corpus).openers("n", 1)
    assert [moment.value for moment in moments] == [1.0] * unit_index.OPENERS
    assert {moment.time for moment in moments} == {1}  # the first word
    lengths = corpus.lengths()
    assert [moment.review for moment in moments] == [i for i in range(20, 120) if lengths[i] >= 11][:20]


def test_what_can_not_be_looked_up_is_said_in_words_and_leaves_nothing(corpus, make_corpus, tmp_path):
    broken = make(name="diverged")
    with torch.no_grad():
        broken.classifier.cell.U[0, 0] = torch.nan
    with pytest.raises(OverflowedError, match="diverged overflows on some of these texts"):
        built(broken, corpus)
    with pytest.raises(DataError, match="reads no word of any test review"):
        built(make(max_length=1), corpus)
    with pytest.raises(DataError, match="There are no test texts"):
        built(make(), make_corpus([("good", True, "training")]))
    assert not (tmp_path / "cache").exists()


def test_the_oldest_index_makes_room(corpus, monkeypatch):
    monkeypatch.setattr(unit_index, "KEPT", 2)
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
        (3, 7, 14), ("pre", "post"), (True, False), ("skip", "pre", "post")
    ):
        window = {"max_length": max_length, "truncation": truncation, "start_token": start_token}
        model = make(**window, **padded(padding))
        read = trace(model, TEXT).review
        places = [i for i in range(len(read.ids)) if read.ids[i] >= UNK_ID]
        seen = TOKENS[read.kept]
        assert len(seen) == len(places) == min(10, max_length - start_token)
        for place, time in enumerate(places):
            found = context(model, corpus, Moment(1, time, 0.0, "positive"), words=2)
            assert found == Context(
                before=seen[max(place - 2, 0) : place],
                word=seen[place],
                after=seen[place + 1 : place + 3],
                unknown=seen[place] not in WORDS,
                goes_on_before=place > 2,
                goes_on_after=place + 3 < len(seen),
            ), (model.config.text, time)


def test_the_context_of_a_special_token_is_what_stands_around_it(make_corpus):
    corpus = make_corpus([("The film was good", True, "test")])
    after_start = context(make(), corpus, Moment(0, 0, 0.0, "positive"), words=2)
    assert (after_start.before, after_start.word, after_start.after) == ((), "<start>", ("the", "film"))
    assert (after_start.goes_on_before, after_start.goes_on_after) == (False, True)
    padded = make(skip_padding=False, padding="post")
    after_all = context(padded, corpus, Moment(0, 9, 0.0, "positive"), words=2)
    assert (after_all.before, after_all.word, after_all.after) == (("was", "good"), "<pad>", ())
    assert (after_all.goes_on_before, after_all.goes_on_after) == (True, False)


@pytest.mark.parametrize("at_once", [1, 4_000_000])
def test_the_areas_of_many_classes_are_those_of_each_against_the_rest(monkeypatch, at_once):
    monkeypatch.setattr(unit_index, "_AT_ONCE", at_once)
    rng = np.random.default_rng(0)
    values = rng.integers(0, 9, (300, 4)).astype(np.float32)  # many are equal
    labels = rng.integers(0, 5, 300).astype(np.int8)
    areas = areas_under_roc(values, labels, 7)
    assert areas.shape == (4, 7)
    for number in range(5):
        np.testing.assert_allclose(areas[:, number], area_under_roc(values, labels == number), atol=1e-6)
    assert (areas[:, 5:] == 0.5).all()  # classes of which there is no text


def test_an_index_of_many_classes_ranks_the_units_for_each_and_names_the_labels(corpus):
    labels = (np.arange(len(corpus)) % 4).astype(np.int8)
    corpus = dataclasses.replace(corpus, labels=labels, classes=("a", "b", "c", "d"))
    model = make(classes=4)
    index = built(model, corpus)
    assert index.auc.shape == (len(index.letters), H, 4)
    rankings = [index.ranking("h", number) for number in range(4)]
    for number, ranking in enumerate(rankings):
        np.testing.assert_array_equal(ranking.auc, index.auc[index.letters.index("h"), ranking.units, number])
    assert {moment.label for moment in index.openers("h", 0)} <= set("abcd")
    assert all(moment.label == "abcd"[labels[moment.review]] for moment in index.openers("h", 0))


def test_of_two_classes_the_first_one_ranks_the_units_the_other_way_round(corpus):
    index = built(make(), corpus)
    one, other = index.ranking("h", 1), index.ranking("h", 0)
    np.testing.assert_array_equal(one.units, other.units)
    np.testing.assert_allclose(one.auc, 1 - other.auc)


NOT_GOOD = "the film was not good"


def found(model, corpus, h, count=6):
    return finish(search(model, corpus, corpus.indices("test"), h, count))


@pytest.mark.parametrize(
    ("cell", "padding"),
    list(zip(["elman", "gru", "lstm", *RECIPES], ["skip", "pre", "post"] * 4, strict=True)),
)
def test_the_six_best_are_those_of_looking_at_every_state_alone(corpus, cell, padding):
    model = make(**RECIPES.get(cell, {"cell": cell}), **padded(padding))
    h, alone = trace(model, NOT_GOOD).arrays["h"][3], read_alone(model, corpus)
    assert_largest(found(model, corpus, h), *cosines_to(h, alone), corpus, 6, 1e-5)
    assert count_moments(model, corpus) == sum(is_word.sum() for _, is_word in alone.values())


def test_a_sample_misses_some_of_the_best_and_the_search_does_not(corpus, monkeypatch):
    monkeypatch.setattr(unit_index, "STATES", 50)
    model = make()
    h = trace(model, NOT_GOOD).arrays["h"][3]
    index = finish(unit_index.read_units(model, corpus, corpus.indices("test")))
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
    h, other = trace(model, NOT_GOOD).arrays["h"][3:5]
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
        b"",
        b"{",
        b"[[1]]",
        b'[["a", 1, 1]]',
        b"[[100000, 1, 1]]",
        b"7",
        b"\xff",
        b"[" * 100_000,
    ):
        path.write_bytes(content)
        assert open_similar(path, corpus) is None, content[:20]


@pytest.mark.parametrize("looks", ["for similar moments", "for what units respond to"])
def test_a_full_disk_is_named_in_words(corpus, monkeypatch, looks):
    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(unit_index, "write_whole", full)
    work = build_unit_index(make(), corpus)
    if looks == "for similar moments":
        work = find_similar(make(), corpus, np.ones(5, np.float32), 3)
    with pytest.raises(DataError, match=r"could not be kept in .*No space left on device\. Free some disk"):
        finish(work)
