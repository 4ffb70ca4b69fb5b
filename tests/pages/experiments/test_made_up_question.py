"""A published question that is made up: one file is all that command, page and finding need."""

from dataclasses import replace

import pytest

from rnn_core.errors import SweepError
from rnn_core.inspection.verdict_units import STATES, KnownVerdicts
from rnn_core.sweeps.one_unit import OneUnit, keep_one_unit, read_one_unit
from rnn_core.sweeps.questions import QUESTIONS, all_searches, read_question
from rnn_core.sweeps.results import Results
from tests.cli.calls import call
from tests.cli.calls import said as answered
from tests.pages.elements import figures, said
from tests.pages.everywhere import registered
from tests.pages.experiments.made import begun, result
from tests.sweeps.test_rules import RULES

pytestmark = pytest.mark.usefixtures("verdict_only")

FILE = """+++
title = "Does a made-up factor matter?"
means = "A cell reads generated reviews, at its own rate."
recipe = "made up"
seeds = [0, 1, 2, 3, 4]
formerly = ["once"]
rates = [0.001, 0.005, 0.02]
cases = [
    { called = "with a gate", cell = "gru", learning_rate = 0.005, three_seeds = true },
    { called = "no", cell = "elman", learning_rate = 0.002, tried = [1e-3, 2e-3, 0.02], three_seeds = true },
]

[base]
data = "verdict"
reviews = 500

[finding]
cases = ["case"]
holds = ["cases[order[0]].mean > cases[order[1]].mean"]

[finding.where]
right = "seeds_right(cases[order[0]], 0.8)"
+++
A gate helps: with one, {{ right }} reach 80%.

Its parameters are 1,000, and it took {{ cases[order[0]].steps }} optimizer steps.
"""


@pytest.fixture
def question(tmp_path):
    """The question of this file, while it is registered."""
    file = tmp_path / "made-up.md"
    file.write_text(FILE, encoding="utf-8")
    with registered(QUESTIONS, "made-up", read_question(file)):
        yield QUESTIONS["made-up"]


def results_of(question, *accuracies):
    """The results of its cases: so much is right with each seed but the first, which is right on half."""
    return [
        result(case, seed, accuracy if seed else 0.5)
        for case, accuracy in zip(question.sweep.cases, accuracies, strict=True)
        for seed in question.sweep.seeds
    ]


def test_command_page_and_finding_know_it(question, open_app):
    assert "made-up, or a name of your own" in call("sweep").stderr
    begun(question.sweep, *results_of(question, 0.9, 0.6))
    plan = answered("sweep once --plan")  # as it was called before
    assert (plan["sweep"]["name"], plan["missing"]) == ("made-up", 0)
    shown = said(open_app("experiments", {"sweep": "made-up"}))
    assert "A gate helps: with one, 4 of 5 seeds (a probability of 38 to 96%) reach 80%." in shown
    assert "A cell reads generated reviews, at its own rate." in shown
    assert "before the rules" not in shown
    Results("made-up").path.unlink()
    begun(question.sweep, *results_of(question, 0.6, 0.9))
    assert "A gate helps" not in said(open_app("experiments", {"sweep": "made-up"}))


def test_it_says_how_sure_it_is(question, open_app):
    """A count of seeds is a figure, which any further seed changes: only the words of a sentence count."""
    begun(question.sweep, *results_of(question, 0.9, 0.8))
    shown = said(open_app("experiments", {"sweep": "made-up"}, how_sure=True))
    assert "- **with a gate** at 34.0% or less (its 5 seeds so far: 50.0% to 90.0%): it could no" in shown
    assert "Other cases where one would change it: 0; where none would, whatever its score: 1." in shown


def test_its_rates_are_searched_by_sweeps(question):
    for name, seeds in (("made-up-rates", (0,)), ("made-up-rates-seeds", (1, 2))):
        assert all_searches()[name].seeds == seeds
        rates = [case["learning_rate"] for case in all_searches()[name].cases]
        assert rates == [0.001, 0.005, 0.02, 0.001, 0.002, 0.02]


def test_it_obeys_the_rules(question):
    assert [rule for rule, breaks in RULES.items() if rule != "ties" and breaks(question, None)] == []


@pytest.mark.parametrize(
    ("line", "instead", "why"),
    [
        ("seeds = [0, 1, 2, 3, 4]", "seeds = 'many'", "is no question: "),
        ("recipe = ", "reciep = ", "is no question: "),
        ("cell = ", "colour = ", "There is no setting called 'colour'"),
        ("title", "title =", "is no question: "),
    ],
)
def test_a_wrong_file_is_refused_in_words(tmp_path, line, instead, why):
    file = tmp_path / "made-up.md"
    file.write_text(FILE.replace(line, instead), encoding="utf-8")
    with pytest.raises(SweepError, match=why):
        read_question(file)


def test_memory_is_drawn_with_the_counts_beside_it(open_app):
    """The curves of the cells, then that of the n-grams; the text says when nine tenths are reached."""
    sweep = QUESTIONS["memory"].sweep
    bits = (3.6, 3.0, 2.6, 2.4, 2.3, 2.2, 2.15, 2.1)
    rows = [
        result(case, seed, 0.5, bits_by_memory=[at + place / 100 for at in bits], bits_by_counting=bits[1:])
        for place, case in enumerate(sweep.cases)
        for seed in sweep.seeds
    ]
    begun(sweep, *(replace(one, test_bits_per_token=2.1, validation_bits_per_token=2.1) for one in rows))
    app = open_app("experiments", {"sweep": "memory"})
    drawn = [line["name"] for line in figures(app)[0]["data"]]
    assert drawn == [*QUESTIONS["memory"].cases, "n-grams"]
    assert "The best network, Elman, takes 2.10 bits a character where it saw the last 128" in said(app)
    assert "and 3.60 with one; nine tenths of the gain are there with 32." in said(app)


@pytest.mark.parametrize(
    ("one", "said_first"),
    [(0.62, "No unit alone does: the best of"), (0.9, "One comes near: the best of"), (0.5, "")],
)
def test_the_unit_of_the_verdict_has_a_true_sentence(open_app, one, said_first):
    """Before there are results the command stands there; where the best unit guesses, only numbers do."""
    assert "python -m rnn_core one-unit MODEL --keep" in said(open_app("experiments", {"sweep": "one_unit"}))
    shares = {"trained": (one, 0.92), "untrained": (0.48, 0.6)}
    found = (KnownVerdicts(name, state, 3, *shares[name]) for name in shares for state in STATES)
    counts = {"hidden_size": 8, "parameters": 1_000, "texts": 2_000}
    keep_one_unit(kept := OneUnit(model="writer", **counts, found=tuple(found)))
    assert read_one_unit() == kept
    app = open_app("experiments", {"sweep": "one_unit"})
    assert said_first in (shown := said(app))
    assert ("the best of" in shown) == bool(said_first)
    assert figures(app)[0]["data"][0]["x"][:2] == [0.92, 0.92]
