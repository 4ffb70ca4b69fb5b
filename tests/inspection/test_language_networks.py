"""Networks of made-up languages: the truth beside what they expect, and the units that keep track of it."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import EXACT_CHARACTERS
from rnn_core.data.sources import bare_config, load_corpus, recommended_config
from rnn_core.errors import EmptyReviewError, ModelFolderError
from rnn_core.inspection import keeping_track
from rnn_core.inspection.keeping_track import LAST, Unit, strings_of, track
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.tables import inside_table, next_tokens_table
from rnn_core.inspection.trace import trace
from rnn_core.languages.along import NONE
from rnn_core.models.model import Model
from rnn_core.progress import finish
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import END, UNK
from rnn_core.training.trainer import Trainer
from tests.figures.examples import tracking
from tests.inspection.made import COUNT, PARITY, STRINGS, T, make_model, strings_with
from tests.pages.everywhere import registered
from tests.refusals import refusals
from tests.untrained import untrained


def model_of(data, seed=0, **settings):
    """An untrained network of a language with 5 units; its head says nearly nothing."""
    config = recommended_config(data).with_settings(**{"hidden_size": 5, "embedding_size": 3, **settings})
    return untrained(config, seed=seed)


def spoken(model, symbol, at_least=20.0):
    """The model with a head that always finds this symbol most probable."""
    names = task_of(model.config).answers(model.config, model.vocabulary)
    with torch.no_grad():
        model.classifier.head.weight.zero_()
        model.classifier.head.bias.zero_()
        model.classifier.head.bias[names.index(symbol)] = at_least
    return model


@pytest.mark.parametrize("settings", [{"cell": "lstm"}, {"layers": 2}, {"cell": "mingru"}], ids=str)
def test_a_trace_has_the_softmax_at_each_time_step(settings):
    model = model_of("language-brackets", **settings)
    read = trace(model, "([])")
    assert read.classes == (END, "(", ")", "[", "]")
    assert read.review.window == ("<start>", "(", "[", "]", ")")
    network = model.classifier
    ids = torch.tensor([read.review.ids])
    by_hand = []
    with torch.no_grad():
        for t in range(1, 6):
            top = network.head_inputs(ids[:, :t], torch.tensor([t]))[-1]  # after t tokens
            by_hand.append(network.head(top).softmax(0).numpy())
    np.testing.assert_allclose(read.probabilities_of_classes, by_hand, atol=1e-6)
    found = next_tokens(model, read)
    assert found.names == ("(", ")", "[", "]", END)
    np.testing.assert_allclose(found.network, np.roll(by_hand, -1, axis=1), atol=1e-6)
    assert [found.names[number] for number in found.came] == ["(", "[", "]", ")", END]
    expected = [-math.log2(by_hand[t][read.classes.index(name)]) for t, name in enumerate("([])")]
    np.testing.assert_allclose(found.surprise[:4], expected, atol=1e-5)
    assert found.breaks is found.without_truth is None
    moments = model.config.corpus.language.moments("([])")
    truth = [[moment.truth.get(name, 0.0) for name in found.names] for moment in moments]
    np.testing.assert_allclose(found.truth, truth, atol=1e-9)
    came = [-math.log2(row[number]) for row, number in zip(truth, found.came, strict=True)]
    np.testing.assert_allclose(found.true_surprise, came)


JUDGED = {
    "right where the rule allows what it says": (
        ("anbn", "a", "aabb"),
        {"right": [True, True, True, False, False], "first_wrong": 3, "breaks": None, "without_truth": None},
    ),
    "nothing is right or wrong after a wrong symbol": (
        ("anbn", "b", "aaba"),
        {"breaks": 3, "first_wrong": 0, "is_judged": [True] * 4 + [False], "without_truth": 4},
    ),
    "it ends before it may": (("anbn", "b", "aab"), {"breaks": 3, "without_truth": None}),
    "a longer one": (("anbn-n3", "a", "aaaabbbb"), {"without_truth": 4, "breaks": None, "first_wrong": 5}),
    "a symbol that the language lacks": (("anbn", "a", "aaX b"), {"breaks": 2, "came": [0, 0, -1, -1, 1, 2]}),
    "a string that is cut": (("anbn", "a", "aaabb" * 2_000), {"came": [0, 0, 0, 1]}),
}


@pytest.mark.parametrize(("read", "expected"), JUDGED.values(), ids=JUDGED)
def test_a_string_is_judged_by_its_rule(read, expected):
    language, says, text = read
    model = spoken(model_of(f"language-{language}", max_length=4 if len(text) > 100 else 20), says)
    found = next_tokens(model, trace(model, text))
    for name, value in expected.items():
        got = getattr(found, name)
        assert (got.tolist() if isinstance(value, list) else got) == value, name
    assert (np.isnan(found.surprise) == (found.came == NONE)).all()
    if found.breaks is not None and found.came[found.breaks] != NONE:
        assert np.isinf(found.true_surprise[found.breaks])


def test_without_a_language_there_is_no_truth():
    config = bare_config("verdict", vocab_size=7, hidden_size=5, embedding_size=3, start_token=True)
    config = replace(config.with_settings(truncation="post"), task="next-token")
    model = spoken(untrained(config, ["the", "film", "is"]), "film")
    found = next_tokens(model, trace(model, "The film is."))
    assert [found.names[number] for number in found.came] == ["the", "film", "is", END]
    assert found.right.tolist() == [False, True, False, False]
    assert found.along is found.breaks is None
    assert np.isnan(found.truth).all()


@pytest.mark.parametrize("windows", ["first", "all", "carried"])
def test_exact_text_is_read_whole_unknown_included(windows):
    """A network that learned from windows reads one sequence; one of the first window cuts it."""
    config = RunConfig(data="texts", tokens=EXACT_CHARACTERS).with_settings(
        task="next-token", truncation="post", windows=windows, max_length=4, hidden_size=5, embedding_size=3
    )
    model = spoken(untrained(config, "a\n "), UNK)
    read = trace(model, "a \nZ a")
    found = next_tokens(model, read)
    whole = ["a", " ", "\n", UNK, " ", "a", END]
    came = whole[:4] if windows == "first" else whole
    assert [found.names[number] for number in found.came] == came
    assert found.names == (UNK, "a", "\n", " ", END)
    assert found.right.tolist() == [name == UNK for name in came]
    assert found.surprise[3] == pytest.approx(0, abs=1e-6)
    assert found.surprise[0] == pytest.approx(20 / math.log(2), rel=1e-3)
    pieces = replace(model, config=replace(config, texts_end=False))  # then nobody knows what comes last
    pieces = next_tokens(pieces, read).came.tolist()
    assert pieces == (found.came.tolist() if windows == "first" else [*found.came[:-1].tolist(), NONE])
    longest = trace(model, "a" * 12_000)
    assert len(longest.answers) == (4 if windows == "first" else 10_000)


def test_the_tables_have_the_numbers_by_symbol():
    model = model_of("language-parity")
    read = trace(model, "01=1")
    found = next_tokens(model, read)
    table = next_tokens_table(read, found)
    assert table["next"].tolist() == ["0", "1", "=", "1", END]
    np.testing.assert_array_equal(table["network_="], found.network[:, found.names.index("=")])
    np.testing.assert_array_equal(table["true_1"], found.truth[:, found.names.index("1")])
    assert table["is_right"].tolist() == found.right.tolist()
    inside = inside_table(read, "h", found)
    assert "logit" not in inside
    np.testing.assert_array_equal(inside["h_3"], read.arrays["h"][:, 3])


VERDICT = "gives no verdict on a text. Its answer"
test_another_question_than_it_was_trained_for = refusals(
    ModelFolderError,
    {
        "a verdict": (lambda: model_of("language-anbn")("aabb"), VERDICT),
        "verdicts": (lambda: model_of("language-anbn").probabilities(["aabb"]), VERDICT),
        "what comes next": (
            lambda: next_tokens(make_model(seed=0), trace(make_model(seed=0), "the film")),
            "says what a text is, not what comes next",
        ),
        "what it tracks": (lambda: finish(track(make_model(seed=0))), "did not learn a made-up language"),
    },
)
test_no_character_is_no_string = refusals(
    EmptyReviewError, {"spaces": (lambda: trace(model_of("language-anbn"), "  "), "no character")}
)


def noise(units=6, seed=0):
    return np.random.default_rng(seed).normal(size=(STRINGS * T, units))


def scored(truth, values, begun=None, **more):
    begun = noise(seed=9) if begun is None else begun
    return keeping_track.compare(strings_with(truth=truth, **more), "truth", values, begun)


def scored_slowly(truth, values, last, chooses, scores):
    """The scores of each unit in the choosing half and in the scoring half, and that of the last symbols."""
    is_number, is_known = truth.dtype != object, np.array([one is not None and one == one for one in truth])
    choose, score = chooses & is_known, scores & is_known
    names = sorted({*truth[choose]})

    def scored(answers, half):
        y = truth[half]
        if is_number:
            return 1 - ((y - answers[half]) ** 2).sum() / ((y - truth[choose].mean()) ** 2).sum()
        return np.mean([np.mean(answers[half][y == name] == name) for name in {*y}])

    def of_unit(v):
        if is_number:
            return np.polyval(np.polyfit(v[choose], truth[choose], 1), v)
        means = {name: v[choose & (truth == name)].mean() for name in names}
        return np.array([min(names, key=lambda name: abs(x - means[name])) for x in v], object)

    def of_three(three):
        those = truth[choose & (last == three)]
        if is_number:
            return (those if len(those) else truth[choose]).mean()
        uses = {name: (truth[choose] == name).sum() for name in names}
        return max(names, key=lambda name: (those == name).sum() / uses[name] if len(those) else uses[name])

    by_unit = [of_unit(v) for v in values.T]
    table = np.array([of_three(three) for three in last], truth.dtype)
    return *([scored(answers, half) for answers in by_unit] for half in (choose, score)), scored(table, score)


RARE = np.where(COUNT == 0, "0", np.where(COUNT < 6, "low", "high")).astype(object)
TRUTHS = {
    "number": COUNT,
    "category": PARITY,
    "rare category": RARE,
    "shuffled number": np.random.default_rng(1).permutation(COUNT),
    "shuffled category": np.random.default_rng(1).permutation(PARITY),
    "number with gaps": np.where(COUNT < 4, np.nan, COUNT),
    "category with gaps": np.where(COUNT < 4, None, PARITY),
}
LASTS = {
    "some determined": lambda chooses: COUNT.astype(np.int64) // 4,
    "parity determined": lambda chooses: (PARITY == "1").astype(np.int64),
    "unseen": lambda chooses: np.where(chooses, 0, 1),
}


@pytest.mark.parametrize("last_of", LASTS.values(), ids=LASTS)
@pytest.mark.parametrize("truth", TRUTHS.values(), ids=TRUTHS)
def test_scores_are_those_of_lines_means_and_tables(truth, last_of):
    """Units chosen in one half of the strings and scored in the other, and the last three symbols."""
    chooses = strings_with(truth=truth).chooses
    values, begun, last = noise(9), noise(9, seed=9), last_of(chooses)
    values[:, 3] = 2 - 0.5 * COUNT
    values[chooses, 4] = COUNT[chooses]  # it keeps track in the strings that choose
    values[:, 5] = (PARITY == "1") + np.where(COUNT < 4, 1_000, 0)
    values[:, 6] = np.select([RARE == "0", RARE == "low"], [5.0, -1.0], 1.0)
    values[(RARE == "0") & ~chooses, 6] = -1
    values[:, 7] = COUNT + values[:, 7]
    found = scored(truth, values, begun, last=last)
    chosen_by, scores, last_three = scored_slowly(truth, values, last, chooses, ~chooses)
    assert (np.diff(np.array(chosen_by)[found.order]) <= 1e-9).all()
    np.testing.assert_allclose(found.scores, scores, atol=1e-9)
    assert found.by_last == pytest.approx(last_three)
    assert (found.best, found.score) == (np.argmax(chosen_by), pytest.approx(scores[np.argmax(chosen_by)]))
    before, before_scored, _ = scored_slowly(truth, begun, last, chooses, ~chooses)
    assert found.untrained == pytest.approx(before_scored[np.argmax(before)])
    assert found.measure == ("balanced accuracy" if truth.dtype == object else "R²")


class Sign(keeping_track.MEASURES["number"]):
    """A made-up measure: a unit is right where it has the sign of the truth."""

    name = "right signs"

    def fit(self, values):
        return np.sign

    def table(self, last, rows):
        return np.ones(rows)

    def score(self, truth, answers):
        return (np.sign(truth)[:, None] == answers).mean(axis=0)


def test_a_measure_is_used_by_its_registration():
    values, truth = noise(3), noise(1, seed=4)[:, 0]
    values[:, 1] = 9 * truth
    strings = replace(strings_with(truth=truth), kinds={"truth": "sign"})
    with registered(keeping_track.MEASURES, "sign", Sign):
        found = keeping_track.compare(strings, "truth", values, noise(3, seed=9))
        assert (found.best, found.score, found.measure) == (1, 1.0, "right signs")
        assert found.by_last == (truth[strings.scores] > 0).mean()


@pytest.mark.parametrize("truth", [np.full(STRINGS * T, 7.0), np.full(STRINGS * T, "x", object)], ids=str)
def test_a_truth_with_one_value_is_not_tracked(truth):
    in_one_half = np.where(strings_with(truth=truth).chooses, truth, None).astype(truth.dtype)
    assert scored(truth, noise()) is scored(in_one_half, noise()) is None


@pytest.mark.parametrize("settings", [{"cell": "lstm", "layers": 2}, {"cell": "gru"}], ids=str)
def test_values_are_a_trace_truths_a_language(settings):
    model = model_of("language-brackets", **settings)
    found = finish(track(model, strings=12))
    assert found.units == keeping_track.units_of(model)
    first, *_ = found.strings.texts
    of_first = found.strings.string_numbers == 0
    for layer in range(1, model.config.model.layers + 1):
        read = trace(model, first, layer=layer)
        for letter, states in read.states.items():
            columns = [found.units.index(Unit(layer, letter, unit)) for unit in range(5)]
            np.testing.assert_allclose(found.values[of_first][:, columns], states, atol=1e-5)
    moments = list(model.config.corpus.language.moments(first))
    assert found.strings.hidden["depth"][of_first].tolist() == [one.hidden["depth"] for one in moments]
    brackets = [one.hidden["the open bracket"] for one in moments]
    assert found.strings.hidden["the open bracket"][of_first].tolist() == brackets


def test_no_string_chooses_and_scores_but_of_few():
    read = strings_of(model_of("language-anbn"))
    assert len(read.texts) == 30
    assert not (read.chooses & read.scores).any()
    assert {*read.string_numbers[read.chooses]} | {*read.string_numbers[read.scores]} == {*range(30)}
    assert {*read.string_numbers[read.chooses]}.isdisjoint(read.string_numbers[read.scores])
    few = strings_of(model_of("language-delay"))
    assert sorted(text[0] for text in few.texts) == ["0", "1"]
    assert (few.chooses & few.scores).all()
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


def test_untrained_is_what_training_began_with():
    settings = {"hidden_size": 5, "seed": 3, "layers": 2, "reviews": 200}
    config = recommended_config("language-anbn-n6").with_settings(**settings)
    trainer = Trainer(config, load_corpus("language-anbn-n6"))
    before = {name: weights.clone() for name, weights in trainer.classifier.state_dict().items()}
    next(iter(trainer))
    model = Model(config=config, vocabulary=trainer.vocabulary, classifier=trainer.classifier.eval())
    generator = torch.random.get_rng_state()
    begun = keeping_track.untrained(model).state_dict()
    assert all(torch.equal(begun[name], weights) for name, weights in before.items())
    assert not torch.equal(begun["head.weight"], model.classifier.head.weight)
    assert torch.equal(torch.random.get_rng_state(), generator)


def test_the_table_names_the_unit_of_each_truth():
    table = tracking().frame()
    assert table["hidden"].tolist() == ["count", "parity", "one"]
    assert table.loc[0, ["layer", "state", "unit"]].tolist() == [1, "h", 3]
    assert table.loc[0, "score"] == pytest.approx(1)
    assert table.loc[2].drop("hidden").isna().all()


def test_lines_and_means_are_of_the_choosing_half():
    truth = np.array([["10", "9", "x"][int(t) % 3] for t in COUNT], object)
    strings = strings_with(truth=truth, count=COUNT)
    means = np.select([truth == "10", truth == "9"], [1.0, 2.0], 3.0)
    values = np.stack([means, 2 - COUNT / 2], axis=1)
    values[~strings.chooses] = noise(2)[~strings.chooses]
    units = (Unit(1, "h", 0), Unit(1, "h", 1))
    found = keeping_track.Tracking(strings=strings, units=units, values=values, tracked={})
    assert found.class_means("truth", 0) == {"9": 2.0, "10": 1.0, "x": 3.0}
    assert found.line("count", 1) == pytest.approx((-2, 4))
