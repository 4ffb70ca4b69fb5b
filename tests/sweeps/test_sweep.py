"""The parts of a sweep, and what can be none: cases, learning rates, texts, and its table of pictures."""

from functools import partial
from itertools import pairwise
from statistics import median_low

import pandas as pd
import pytest

from rnn_core.cli.train import asked_config
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.config.words import value_in_words
from rnn_core.data.sources import bare_config, recommended_config
from rnn_core.errors import ConfigError, SweepError
from rnn_core.languages.catalogue import LANGUAGES
from rnn_core.sweeps.over_seeds import ShareOverSeeds
from rnn_core.sweeps.questions import QUESTIONS, RATE, all_searches, own_sweep, validation_by_rate, worst_seed
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.side_by_side import pictured, places
from rnn_core.sweeps.sweep import MOST_POINTS, Sweep, grid, parse_case, parse_factor, wide_enough
from rnn_core.tasks.task import task_of
from tests.own import ended
from tests.refusals import refusals

BASE = RunConfig(data="verdict")


def make(**given):
    return Sweep(**{"name": "try", "base": BASE, "cases": [{"cell": "gru"}, {"cell": "elman"}], **given})


def test_in_a_grid_the_last_factor_changes_fastest():
    combined = [tuple(case.values()) for case in grid({"cell": ["elman", "gru"], "max_length": [25, 50]})]
    assert combined == [("elman", 25), ("elman", 50), ("gru", 25), ("gru", 50)]
    assert grid({}) == []


def test_points_are_all_cases_of_a_seed_then_the_next():
    points = list(make(seeds=[3, 1]).points())
    made = [(point.case["cell"], point.seed) for point in points]
    assert made == [("gru", 3), ("elman", 3), ("gru", 1), ("elman", 1)]
    assert points[1].config == BASE.with_settings(cell="elman", seed=3)


GRU, LENGTHS = [{"cell": "gru"}], [{"max_length": length} for length in range(1, 2_001)]
SAME = [{"cell": "gru", "max_length": 5}, {"max_length": 5, "cell": "gru"}]
HUGE = dict.fromkeys(["max_length", "vocab_size", "hidden_size"], range(1_000))
test_what_can_be_no_sweep_is_refused = refusals(
    SweepError,
    {
        "no cases": (lambda: make(cases=[]), "has no points"),
        "no seeds": (lambda: make(seeds=[]), "has no points"),
        "too many": (lambda: make(cases=LENGTHS, seeds=range(5)), "10,000 points"),
        "a value": (lambda: make(cases=[{"vocab_size": 1}]), "case vocab_size = 1: Vocabulary size must be"),
        "no setting": (lambda: make(cases=[{"colour": "red"}]), "There is no setting called 'colour'"),
        "the seed": (lambda: make(cases=[{"seed": 3}]), "The seed is no factor"),
        "twice": (lambda: make(cases=GRU * 2), "has the case cell = gru twice"),
        "in another order": (lambda: make(cases=SAME), "has the case cell = gru, max_length = 5 twice"),
        "a seed twice": (lambda: make(seeds=[1, 2, 1]), "has the seed 1 twice"),
        "a seed below 0": (lambda: make(seeds=[-1]), "Seed must be between"),
        "other factors": (lambda: make(cases=[*GRU, SAME[0]]), "All cases of the sweep try must vary"),
        "a path": (lambda: make(name="../try"), "The name of a sweep"),
        **{
            f"the file of {name!r}": (partial(Results, name), "The name of a sweep must be")
            for name in ("../elsewhere", "", "a/b", "A", "what_they_understand")
        },
        "a published name": (lambda: own_sweep("padding", BASE, GRU, [0]), "padding is one of the questions"),
        "a huge grid": (lambda: grid(HUGE), "have 1,000,000,000 combinations"),  # before it is made
        "a case twice": (lambda: parse_case("cell=gru,cell=elman"), "cell"),
        **{
            f"{read.__name__} of {words!r}": (partial(read, words), "")
            for read in (parse_factor, parse_case)
            for words in ("colour=red", "cell", "cell=", "max_length=many", "start_token=perhaps", "")
        },
    },
)


def test_a_sweep_has_at_most_so_many_points():
    assert issubclass(SweepError, ConfigError)
    assert len(make(cases=grid({"max_length": list(range(1, MOST_POINTS + 1))}))) == MOST_POINTS


def test_equal_cases_in_a_file_of_before_are_one():
    values = make(cases=[SAME[0], {"cell": "elman", "max_length": 5}]).to_dict()
    sweep = Sweep.from_dict(values)
    assert Sweep.from_dict({**values, "cases": [*values["cases"], SAME[1]]}) == sweep


@pytest.mark.parametrize(
    ("words", "factor"),
    [
        ("vocab-size=500, 2000", ("vocab_size", [500, 2000])),
        ("learning_rate=1e-3", ("learning_rate", [0.001])),
        ("start_token=on,false", ("start_token", [True, False])),
        ("cell=gru,lstm", ("cell", ["gru", "lstm"])),
    ],
)
def test_a_factor_is_read_as_its_setting_is_declared(words, factor):
    assert parse_factor(words) == factor


def test_each_step_of_the_ladder_changes_something():
    cases = QUESTIONS["ladder"].sweep.cases
    changed = [{name for name in after if after[name] != before[name]} for before, after in pairwise(cases)]
    assert all(changed)
    assert sum(map(len, changed)) == len(set.union(*changed))


def test_a_sweep_of_distances_reads_a_corpus_each():
    corpora = [corpus_named(f"verdict-{distance}") for distance in (10, 100, 200, 25, 50)]
    assert list(QUESTIONS["distance"].sweep.corpora) == corpora


SEARCHED = [name for name, question in QUESTIONS.items() if question.searches]
GUESSED = 0.6  # of two classes of equal size: a case that no rate brings beyond has learned nothing at any
FEWEST, FEWEST_OF_FAILING = 3, 5


@pytest.mark.parametrize("name", SEARCHED)
def test_the_rate_of_each_case_is_the_best_tried(name, committed):
    """It was tried for all, and stands at no end of their list."""
    question = QUESTIONS[name]
    if not Results(name).exists():
        pytest.skip("its runs are missing")
    lists = [set(question.rates_tried(case)) for case in question.sweep.cases]
    assert len(set.intersection(*lists)) >= FEWEST
    assert [Results(search.name).sweep() for search in question.searches] == list(question.searches)
    table = pd.concat(committed(search.name) for search in question.searches)
    assert not table["test_accuracy"].notna().any()
    score = task_of(question.sweep.base).score
    for case in question.sweep.cases:
        by_rate, rates = validation_by_rate(table, case, score), question.rates_tried(case)
        scores = {rate: worst_seed(seeds, score) for rate, seeds in by_rate.items()}
        assert set(scores) <= set(rates)
        highest = next(iter(scores.values()))
        best = median_low(rate for rate, reached in scores.items() if reached == highest)
        assert case[RATE] == best  # of several the middle one
        if not score.is_share:
            assert "rates" in question.older or case[RATE] not in (min(rates), max(rates))
        elif highest < GUESSED:
            assert len(rates) >= FEWEST_OF_FAILING
        elif highest < 1:
            assert case[RATE] not in (min(rates), max(rates))


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_starts_from_the_rate_searched(name, committed):
    """Command, form and notebook have it: the best rate on validation strings, in the mean of all cells."""
    data = f"language-{name}"
    config, table = recommended_config(data), committed("languages-rates")
    bits = table[table["data"] == data].groupby(RATE)["validation_bits_per_token"].mean()
    assert config.training.learning_rate == bits.idxmin()
    assert config.training.epochs >= table[table["data"] == data]["epochs"].max()
    assert config.training.weight_decay == 0
    assert asked_config(data, {"cell": "elman"}) == config.with_settings(cell="elman")


OF_TEST = ("test_loss", "test_accuracy", "test_bits_per_token", "pairs_right", "right_longer_strings")


@pytest.mark.parametrize("name", sorted(all_searches()))
def test_a_search_keeps_no_test_score(name):
    scores = {**dict.fromkeys(OF_TEST[2:], 0.5), "validation_bits_per_token": 0.25}
    result, results = ended(next(all_searches()[name].points()).case, **scores), Results(name)
    results.begin(all_searches()[name])
    results.append(result)
    results.rewrite(all_searches()[name], [*results.all(), result])
    for one in results.all():
        assert {getattr(one, score) for score in OF_TEST} == {None}
        assert (one.validation_accuracy, one.validation_bits_per_token) == (0.75, 0.25)


OF_STRINGS = bare_config("language-anbn", vocab_size=20, max_length=300)
TWO_LANGUAGES = ["language-anbn", "language-parity"]


def sweep_of(factors, base=OF_STRINGS, **more):
    return Sweep(name="mine", base=base, cases=grid(factors), seeds=(2, 0, 1), **more)


BOTH = sweep_of({"data": TWO_LANGUAGES, "cell": ["lstm", "gru"]})


def run(case, seed, right=1.0, longer=0.5, above=0.25):
    scores = {"right_strings": right, "right_longer_strings": longer, "bits_above_truth": above}
    return {**case, "seed": seed, "run": f"{case['cell']} {seed}", **scores}


def test_cells_are_rows_and_what_they_read_columns():
    """A rate that was chosen for each case is no factor of the table."""
    how = pictured(BOTH)
    assert (how.rows, how.columns) == ("cell", "data")
    assert pictured(sweep_of({"data": TWO_LANGUAGES, "hidden_size": [4, 8]})).rows == "data"
    assert [one.field for one in how.glance.shares] == ["right_strings", "right_longer_strings"]
    cases = [{**case, "learning_rate": 0.01 if case["cell"] == "gru" else 0.03} for case in BOTH.cases]
    assert pictured(Sweep(name="mine", base=OF_STRINGS, cases=cases))[:2] == ("cell", "data")


def test_other_sweeps_have_no_such_table():
    """Nor have questions on reviews, which keep their pictures."""
    cells = {"cell": ["lstm", "gru"]}
    more = cells | {"data": TWO_LANGUAGES, "learning_rate": [0.1, 0.2]}
    others = [sweep_of(factors) for factors in (cells, {"hidden_size": [4, 8], "epochs": [1, 2]}, more)]
    on_reviews = [one.sweep for one in QUESTIONS.values() if task_of(one.sweep.base).counted_by == "words"]
    assert not any(map(pictured, [*others, *on_reviews]))


def test_a_place_has_all_seeds_and_the_first_ones_run():
    case = BOTH.cases[0]
    table = pd.DataFrame([run(case, 0, longer=0.1), run(case, 2, longer=0.3), run(case, 1, None, None, None)])
    found = places(BOTH, pictured(BOTH), table)
    assert list(found) == [("lstm", "language-anbn")]
    [place] = found.values()
    assert place.shares == (ShareOverSeeds((1.0, 1.0)), ShareOverSeeds((0.3, 0.1)))
    assert place.number == ShareOverSeeds((0.25, 0.25))
    assert (place.run, place.seed, place.diverged) == ("lstm 2", 2, 1)


def test_a_place_without_a_run_that_ended_has_no_score():
    [place] = places(BOTH, pictured(BOTH), pd.DataFrame([run(BOTH.cases[0], 0, *[None] * 3)])).values()
    assert (place.shares, place.number, place.diverged) == ((), None, 1)


GUESSES = {"parity": 0.5, "delay-k50": 0.5, "reber": 0.5, "recall-values4": 0.25, "anbn": None}


@pytest.mark.parametrize(("language", "guess"), GUESSES.items())
def test_guessing_is_known_where_a_symbol_decides(language, guess):
    sweep = sweep_of({"data": [f"language-{language}", "language-anbncn"], "cell": ["lstm"]})
    config = sweep.base.with_settings(data=f"language-{language}")
    assert task_of(config).right_by_guessing(config) == guess


def test_the_worst_seed_has_the_worst_score():
    """And the best rate, which comes first, is that whose worst seed is best."""
    found = [(0.1, 1.0, 0.9), (0.1, 3.0, 0.7), (0.2, 2.0, 0.8), (0.3, 4.0, 0.6)]
    columns = ["learning_rate", "validation_bits_per_token", "validation_accuracy"]
    table, case = pd.DataFrame(found, columns=columns).assign(cell="gru"), {"cell": "gru", "learning_rate": 1}
    for config, worst in ((OF_STRINGS, (2.0, 3.0, 4.0)), (bare_config("verdict"), (0.8, 0.7, 0.6))):
        score = task_of(config).score
        by_rate = validation_by_rate(table, case, score)
        assert list(by_rate) == [0.2, 0.1, 0.3]
        assert tuple(worst_seed(seeds, score) for seeds in by_rate.values()) == worst


def test_several_texts_share_the_largest_sizes():
    base, cases = bare_config("language-anbn"), grid({"data": TWO_LANGUAGES, "cell": ["gru"]})
    each = [bare_config(name).values() for name in TWO_LANGUAGES]
    wide = wide_enough(base, cases).values()
    for setting in ("vocab_size", "max_length"):
        assert wide[setting] == max(one[setting] for one in each)
    given = wide_enough(base, cases, ["vocab_size"])
    assert given.text.vocab_size == base.text.vocab_size < wide["vocab_size"]
    assert wide_enough(base, grid({"cell": ["gru"]})) == base
    assert wide_enough(bare_config("verdict"), [{"data": "verdict"}]) == bare_config("verdict")


def test_texts_have_their_title_in_words():
    names = ("language-delay", "language-delay-k100", "language-anbn", "tickets")
    assert [*map(value_in_words, names)] == ["delay, k = 20", "delay, k = 100", "aⁿbⁿ", "tickets"]
