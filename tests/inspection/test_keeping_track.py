"""The units that keep track are those of made-up traces in which they do, by scores worked out by hand."""

import numpy as np
import pytest
import torch

from rnn_core.data.encoding import EncodedReviews
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import ModelFolderError
from rnn_core.inspection.keeping_track import (
    LAST,
    Strings,
    Tracking,
    Unit,
    compare,
    strings_of,
    track,
    units_of,
    untrained,
)
from rnn_core.inspection.trace import trace
from rnn_core.languages.language import CATEGORY, NUMBER
from rnn_core.models.model import Model
from rnn_core.progress import finish
from rnn_core.training.trainer import Trainer
from tests.inspection.made import make_model
from tests.inspection.test_next_tokens import model_of

STRINGS, T = 40, 12
COUNT = np.tile(np.arange(T, dtype=float), STRINGS)
PARITY = np.array([str(int(t) % 2) for t in COUNT], object)


def made(last=None, **hidden):
    """Strings of T time steps, every second of which chooses, with something hidden in them."""
    N = STRINGS * T
    chooses = np.repeat(np.arange(STRINGS) % 2 == 0, T)
    return Strings(
        texts=tuple(map(str, range(STRINGS))),
        encoded=EncodedReviews(
            ids=np.zeros(N, np.int32),
            offsets=np.arange(0, N + 1, T),
            labels=np.zeros(STRINGS, np.int8),
            indices=np.arange(STRINGS),
        ),
        hidden={name: np.asarray(truth) for name, truth in hidden.items()},
        kinds={
            name: CATEGORY if np.asarray(truth).dtype == object else NUMBER for name, truth in hidden.items()
        },
        last=np.zeros(N, np.int64) if last is None else last,
        chooses=chooses,
        scores=~chooses,
    )


def noise(units=6, seed=0):
    return np.random.default_rng(seed).normal(size=(STRINGS * T, units))


def scored(truth, values, untrained=None, **more):
    return compare(
        made(truth=truth, **more), "truth", values, noise(seed=9) if untrained is None else untrained
    )


def test_the_unit_that_is_the_count_is_found_with_r2_of_1_and_noise_has_about_0():
    values = noise()
    values[:, 3] = 2 - 0.5 * COUNT
    found = scored(COUNT, values)
    assert (found.best, found.kind, found.measure) == (3, NUMBER, "R²")
    assert found.score == pytest.approx(1)
    others = np.delete(found.scores, 3)
    assert np.abs(others).max() < 0.05
    assert abs(found.untrained) < 0.05


def test_r2_is_that_of_the_line_of_the_choosing_half_against_its_mean():
    values = COUNT[:, None] + noise(1)
    strings = made(truth=COUNT)
    v, y, chooses = values[:, 0], COUNT, strings.chooses
    slope, intercept = np.polyfit(v[chooses], y[chooses], 1)
    rest, apart = y[~chooses] - slope * v[~chooses] - intercept, y[~chooses] - y[chooses].mean()
    assert scored(COUNT, values).score == pytest.approx(1 - (rest**2).sum() / (apart**2).sum())
    tracking = Tracking(
        strings=strings, units=(Unit(1, "h", 0),), values=values.astype(np.float32), tracked={}
    )
    assert tracking.line("truth", 0) == pytest.approx((slope, intercept), rel=1e-4)


def test_a_score_is_of_strings_that_did_not_choose():
    values, chooses = noise(), made(truth=COUNT).chooses
    values[chooses, 2] = COUNT[chooses]
    found = scored(COUNT, values)
    assert found.best == 2
    assert found.chosen_by[2] == pytest.approx(1)
    assert found.score < 0
    values[chooses, 4] = PARITY[chooses] == "1"
    found = scored(PARITY, values)
    assert (found.best, found.chosen_by[4]) == (4, 1)
    assert found.score == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(("truth", "nothing"), [(COUNT, 0), (PARITY, 0.5)], ids=["number", "category"])
def test_a_truth_that_is_shuffled_is_tracked_by_nothing(truth, nothing):
    shuffled = np.random.default_rng(1).permutation(truth)
    found = scored(shuffled, np.stack([COUNT, COUNT % 2, *noise(3).T], axis=1))
    assert found.score == pytest.approx(nothing, abs=0.06)
    assert found.last_three == pytest.approx(nothing, abs=0.06)


def test_a_category_is_read_off_by_the_nearest_mean_and_each_class_weighs_the_same():
    truth = np.where(COUNT == 0, "rare", np.where(COUNT < 6, "low", "high")).astype(object)
    truth[truth == "rare"] = "0"
    values = np.select([truth == "0", truth == "low"], [5.0, -1.0], 1.0)[:, None]
    assert scored(truth, values).score == 1
    is_wrong = (truth == "0") & ~made(truth=truth).chooses
    values[is_wrong] = -1
    assert scored(truth, values).score == pytest.approx(2 / 3)
    assert scored(truth, np.zeros((len(truth), 1))).score == pytest.approx(1 / 3)


def test_the_last_symbols_say_what_they_determine_and_of_unseen_ones_the_mean_of_all():
    last = COUNT.astype(np.int64) // 4
    found = scored(COUNT, noise(), last=last)
    within = ((COUNT - (4 * last + 1.5)) ** 2).mean() / COUNT.var()
    assert found.last_three == pytest.approx(1 - within)
    chooses = made(truth=COUNT).chooses
    unseen = np.where(chooses, 0, 1)
    assert scored(COUNT, noise(), last=unseen).last_three == pytest.approx(0)
    assert scored(PARITY, noise(), last=(PARITY == "1").astype(np.int64)).last_three == 1
    assert scored(PARITY, noise(), last=unseen).last_three == 0.5


def test_time_steps_without_a_truth_are_left_out():
    truth = np.where(COUNT < 4, np.nan, COUNT)
    values = noise()
    values[:, 1] = np.where(COUNT < 4, 1_000, COUNT)
    assert scored(truth, values).score == pytest.approx(1)
    classes = np.where(COUNT < 4, None, PARITY)
    values[:, 1] = np.where(COUNT < 4, 1_000, PARITY == "1")
    assert scored(classes, values).score == 1


@pytest.mark.parametrize("truth", [np.full(STRINGS * T, 7.0), np.full(STRINGS * T, "x", object)], ids=str)
def test_a_truth_with_one_value_leaves_nothing_to_tell_apart(truth):
    assert scored(truth, noise()) is None
    assert scored(np.where(made(truth=truth).chooses, truth, None).astype(truth.dtype), noise()) is None


@pytest.mark.parametrize(
    "settings", [{"cell": "lstm", "layers": 2}, {"cell": "minlstm"}, {"cell": "gru"}], ids=str
)
def test_the_values_are_those_of_a_trace_and_the_truth_is_that_of_the_language(settings):
    model = model_of("language-brackets", **settings)
    found = finish(track(model, strings=12))
    assert found.units == units_of(model)
    first, *_ = found.strings.texts
    of_first = found.strings.of_string == 0
    for layer in range(1, model.config.model.layers + 1):
        read = trace(model, first, layer=layer)
        for letter, states in read.states.items():
            columns = [found.units.index(Unit(layer, letter, unit)) for unit in range(5)]
            np.testing.assert_allclose(found.values[of_first][:, columns], states, atol=1e-5)
    moments = list(model.config.corpus.language.moments(first))
    assert found.strings.hidden["depth"][of_first].tolist() == [one.hidden["depth"] for one in moments]
    brackets = [one.hidden["the open bracket"] for one in moments]
    assert found.strings.hidden["the open bracket"][of_first].tolist() == brackets


def test_no_string_chooses_and_scores_but_where_there_are_hardly_any():
    read = strings_of(model_of("language-anbn"))
    assert len(read.texts) == 30
    assert not read.halves_are_one
    assert {*read.of_string[read.chooses]} | {*read.of_string[read.scores]} == {*range(30)}
    assert {*read.of_string[read.chooses]}.isdisjoint(read.of_string[read.scores])
    few = strings_of(model_of("language-delay"))
    assert sorted(text[0] for text in few.texts) == ["0", "1"]
    assert few.halves_are_one
    assert few.chooses.all()
    assert strings_of(model_of("language-reber")).texts == strings_of(model_of("language-reber")).texts


def test_the_last_tokens_are_those_of_the_same_string():
    read = strings_of(model_of("language-parity"))
    windows = np.split(read.encoded.ids, read.encoded.offsets[1:-1])
    expected = [tuple(ids[max(t - LAST + 1, 0) : t + 1]) for ids in windows for t in range(len(ids))]
    numbers = dict(zip(read.last.tolist(), expected, strict=True))
    assert [numbers[number] for number in read.last] == expected
    assert len(set(numbers.values())) == len(numbers)


def test_a_string_is_cut_where_the_network_cuts_it():
    read = strings_of(model_of("language-anbn", max_length=5))
    assert read.encoded.lengths().max() == 5
    assert np.nanmax(read.hidden["a so far"]) == 4


def test_the_untrained_network_is_the_one_that_training_began_with():
    config = recommended_config("language-anbn-n6").with_settings(hidden_size=5, seed=3, layers=2)
    trainer = Trainer(config, load_corpus("language-anbn-n6"))
    before = {name: weights.clone() for name, weights in trainer.classifier.state_dict().items()}
    next(iter(trainer))
    model = Model(config=config, vocabulary=trainer.vocabulary, classifier=trainer.classifier.eval())
    generator = torch.random.get_rng_state()
    begun = untrained(model).state_dict()
    assert all(torch.equal(begun[name], weights) for name, weights in before.items())
    assert any(
        not torch.equal(begun[name], weights) for name, weights in model.classifier.state_dict().items()
    )
    assert torch.equal(torch.random.get_rng_state(), generator)


def test_the_table_names_the_unit_of_each_truth_and_none_where_there_is_nothing_to_tell_apart():
    values = noise()
    values[:, 3] = COUNT
    strings = made(count=COUNT, parity=PARITY, one=np.full(STRINGS * T, 7.0))
    tracked = {name: compare(strings, name, values, noise(seed=9)) for name in strings.hidden}
    units = tuple(Unit(1 + number // 3, "h", number % 3) for number in range(6))
    table = Tracking(strings=strings, units=units, values=values, tracked=tracked).frame()
    assert table["hidden"].tolist() == ["count", "parity", "one"]
    assert table.loc[0, ["layer", "state", "unit"]].tolist() == [2, "h", 0]
    assert table.loc[0, "score"] == pytest.approx(1)
    assert table.loc[2].drop("hidden").isna().all()


def test_the_means_of_classes_come_by_size_then_by_name():
    truth = np.array([["10", "9", "x"][int(t) % 3] for t in COUNT], object)
    strings = made(truth=truth)
    values = np.select([truth == "10", truth == "9"], [1.0, 2.0], 3.0)[:, None]
    found = Tracking(strings=strings, units=(Unit(1, "h", 0),), values=values, tracked={})
    assert found.class_means("truth", 0) == {"9": 2.0, "10": 1.0, "x": 3.0}


def test_a_network_that_learned_no_language_is_refused():
    with pytest.raises(ModelFolderError, match="did not learn a made-up language"):
        finish(track(make_model(seed=0)))
