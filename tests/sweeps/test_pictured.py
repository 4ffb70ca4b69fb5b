"""A sweep as a table of small pictures, and the settings of one that reads several texts."""

import pandas as pd
import pytest

from rnn_core.config.words import value_in_words
from rnn_core.data.sources import bare_config
from rnn_core.sweeps.over_seeds import ShareOverSeeds
from rnn_core.sweeps.pictured import pictured, places
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.rates import validation_by_rate, worst_seed
from rnn_core.sweeps.sweep import Sweep, grid
from rnn_core.sweeps.varied_texts import wide_enough
from rnn_core.tasks.task import task_of

BASE = bare_config("language-anbn", vocab_size=20, max_length=300)
LANGUAGES = ["language-anbn", "language-parity"]


def sweep_of(factors, base=BASE, **more):
    return Sweep(name="mine", base=base, cases=grid(factors), seeds=(2, 0, 1), **more)


BOTH = sweep_of({"data": LANGUAGES, "cell": ["lstm", "gru"]})


def run(case, seed, right=1.0, longer=0.5, above=0.25):
    scores = {"right_strings": right, "right_longer_strings": longer, "bits_above_truth": above}
    return {**case, "seed": seed, "run": f"{case['cell']} {seed}", **scores}


def test_cells_are_rows_and_what_they_read_columns():
    """A rate that was chosen for each case is no factor of the table."""
    how = pictured(BOTH)
    assert (how.rows, how.columns) == ("cell", "data")
    assert pictured(sweep_of({"data": LANGUAGES, "hidden_size": [4, 8]})).rows == "data"
    assert [one.field for one in how.glance.shares] == ["right_strings", "right_longer_strings"]
    cases = [{**case, "learning_rate": 0.01 if case["cell"] == "gru" else 0.03} for case in BOTH.cases]
    assert pictured(Sweep(name="mine", base=BASE, cases=cases))[:2] == ("cell", "data")


def test_other_sweeps_have_no_such_table():
    """Nor have questions on reviews, which keep their pictures."""
    cells = {"cell": ["lstm", "gru"]}
    more = cells | {"data": LANGUAGES, "learning_rate": [0.1, 0.2]}
    others = [sweep_of(factors) for factors in (cells, {"hidden_size": [4, 8], "epochs": [1, 2]}, more)]
    on_reviews = [one.sweep for one in QUESTIONS.values() if task_of(one.sweep.base).is_counted]
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


@pytest.mark.parametrize(
    ("language", "guess"),
    [("parity", 0.5), ("delay-k50", 0.5), ("reber", 0.5), ("recall-values4", 0.25), ("anbn", None)],
)
def test_guessing_is_known_where_a_string_decides_one_symbol(language, guess):
    sweep = sweep_of({"data": [f"language-{language}", "language-anbncn"], "cell": ["lstm"]})
    config = sweep.base.with_settings(data=f"language-{language}")
    assert task_of(config).right_by_guessing(config) == guess


def test_the_worst_seed_has_most_bits_or_least_accuracy():
    """And the best rate, which comes first, is that whose worst seed is best."""
    found = [(0.1, 1.0, 0.9), (0.1, 3.0, 0.7), (0.2, 2.0, 0.8), (0.3, 4.0, 0.6)]
    columns = ["learning_rate", "validation_bits_per_token", "validation_accuracy"]
    table, case = pd.DataFrame(found, columns=columns).assign(cell="gru"), {"cell": "gru", "learning_rate": 1}
    for config, worst in ((BASE, (2.0, 3.0, 4.0)), (bare_config("verdict"), (0.8, 0.7, 0.6))):
        score = task_of(config).score
        by_rate = validation_by_rate(table, case, score)
        assert list(by_rate) == [0.2, 0.1, 0.3]
        assert tuple(worst_seed(seeds, score) for seeds in by_rate.values()) == worst


def test_several_texts_share_the_largest_sizes():
    base, cases = bare_config("language-anbn"), grid({"data": LANGUAGES, "cell": ["gru"]})
    each = [bare_config(name).values() for name in LANGUAGES]
    wide = wide_enough(base, cases).values()
    for setting in ("vocab_size", "max_length"):
        assert wide[setting] == max(one[setting] for one in each)
    given = wide_enough(base, cases, ["vocab_size"])
    assert given.text.vocab_size == base.text.vocab_size < wide["vocab_size"]
    assert wide_enough(base, grid({"cell": ["gru"]})) == base
    assert wide_enough(bare_config("verdict"), [{"data": "verdict"}]) == bare_config("verdict")


def test_texts_have_their_title_in_words():
    titles = {
        "language-delay": "delay, k = 20",
        "language-delay-k100": "delay, k = 100",
        "tickets": "tickets",
    }
    titles |= {"language-anbn": "aⁿbⁿ", "language-parity": "parity"}
    assert {name: value_in_words(name) for name in titles} == titles
