"""The cases of a question side by side: each number is that of the file; two cases are compared in words."""

import json
import math

import pandas as pd
import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.paths import results_folder
from rnn_core.sweeps.findings.side_by_side import CaseResult, difference, measures_of, side_by_side
from rnn_core.sweeps.over_seeds import ShareOverSeeds
from rnn_core.sweeps.questions import QUESTIONS, compared_by, with_case_names
from rnn_core.sweeps.results import Results
from rnn_core.tasks.task import Measure
from tests.sweeps.test_permutation import counted_one_by_one

ACCURACY = Measure("test_accuracy", "Test accuracy", ".1%", ".2%", higher_is_better=True)
BITS = Measure("bits_above_truth", "Bits above the truth", ".4f", ".5f", higher_is_better=False)
APART = (0.70, 0.71, 0.72, 0.73), (0.80, 0.81, 0.82, 0.83)
AMONG_EACH_OTHER = (0.80, 0.82, 0.84, 0.86), (0.81, 0.83, 0.85, 0.87)


def in_file(name, column):
    """Case -> its seeds, as the lines of a file have them."""
    seeds = {}
    for line in (results_folder() / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[1:]:
        run = json.loads(line)
        seeds.setdefault(json.dumps(run["case"], sort_keys=True), []).append(run[column])
    return {case: [one for one in of if one is not None] for case, of in seeds.items()}


def conclusion(one, other, p):
    if math.fsum(one) / len(one) == pytest.approx(math.fsum(other) / len(other), abs=1e-12):
        return "No difference"
    enough = 2 / math.comb(len(one) + len(other), len(one)) <= 0.05
    return "A difference" if p <= 0.05 else "No difference shown" if enough else "Too few seeds to tell"


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_table_of_a_question_has_the_files_numbers(name, monkeypatch):
    """Mean, ends, seeds and p against the best on the same texts, of each case, worked out again."""
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    question, sweep = QUESTIONS[name], QUESTIONS[name].sweep
    runs = with_case_names(question, Results(name).table())
    measures = measures_of(sweep, runs)
    for column, best in ((compared_by(sweep), max), ("test_loss", min)):
        if column not in measures:  # a loss that says the same as the bits
            continue
        seeds = {case: of for case, of in in_file(name, column).items() if of}
        table = side_by_side(sweep, runs, measures[column])
        known = [{**json.loads(case), "seeds of": of} for case, of in seeds.items()]
        if question.cases:
            in_order = [json.dumps(case, sort_keys=True) for case in sweep.cases]
            names = dict(zip(in_order, question.cases, strict=True))
            known = [{**one, "case": names[case]} for one, case in zip(known, seeds, strict=True)]
        keys = [*table.columns[: list(table.columns).index("mean")]]
        assert len(table) == len(known) == len(sweep.cases)
        first = {}
        for row in table.to_dict("records"):
            [case] = [one for one in known if all(one[key] == row[key] for key in keys)]
            of, texts = case["seeds of"], (case.get("data"), case.get("verdict_distance"))
            assert row["mean"] == pytest.approx(math.fsum(of) / len(of))
            assert (row["lowest"], row["highest"], row["seeds"]) == (min(of), max(of), len(of))
            if texts not in first:
                same = [one for one in known if (one.get("data"), one.get("verdict_distance")) == texts]
                means = [math.fsum(one["seeds of"]) / len(one["seeds of"]) for one in same]
                assert row["mean"] == pytest.approx(best(means))
                assert (row["against_best"], pd.isna(row["p"])) == ("The best", True)
                first[texts] = of
                continue
            p = counted_one_by_one([(first[texts], of)])
            assert row["p"] == pytest.approx(p)
            assert row["against_best"] == conclusion(first[texts], of, p)


def case(name, seeds, data="verdict"):
    return CaseResult((name,), name, corpus_named(data), ShareOverSeeds(seeds), None)


@pytest.mark.parametrize(
    ("seeds", "measure", "concluded", "numbers", "known"),
    [
        (
            APART,
            ACCURACY,
            "A difference",
            "71.5% (GRU) and 81.5% (LSTM), a difference of +10.0 points (between single seeds +7.0 to +13.0 "
            "points), p = 0.029.",
            "If you picked them from all 3 pairs, p counts 3 times: p = 0.086.",
        ),
        (
            AMONG_EACH_OTHER,
            ACCURACY,
            "No difference shown",
            "83.0% (GRU) and 84.0% (LSTM), a difference of +1.0 points (between single seeds −5.0 to +7.0 "
            "points), p = 0.69.",
            "the 8 seeds are dealt to two cases in every possible way",
        ),
        (
            ((0.14,) * 3, (1.0,) * 3),
            ACCURACY,
            "Too few seeds to tell",
            "14.0% (GRU) and 100.0% (LSTM), a difference of +86.0 points (between single seeds +86.0 to "
            "+86.0 points), p = 0.1.",
            "3 and 3 seeds p is never below 0.1, however large the difference is; 4 of each can show one.",
        ),
        (
            ((1.0,) * 3, (1.0,) * 3),
            ACCURACY,
            "No difference",
            "both 100.0% with every seed, p = 1.",
            "3 and 3 seeds p is never below 0.1, however large the difference is",
        ),
        (
            APART[::-1],
            BITS,
            "A difference",
            "0.8150 (GRU) and 0.7150 (LSTM), a difference of −0.1000 (between single seeds −0.1300 to "
            "−0.0700), p = 0.029.",
            "p is 0.05 or less",
        ),
    ],
)
def test_two_cases_are_compared_in_one_sentence(seeds, measure, concluded, numbers, known):
    found = difference(case("GRU", seeds[0]), case("LSTM", seeds[1]), measure, 3)
    assert (found.conclusion, found.numbers) == (concluded, numbers)
    assert known in found.how_known
    p = counted_one_by_one([seeds])
    assert numbers.endswith(f"p = {p:.2g}.")
    alone = difference(case("GRU", seeds[0]), case("LSTM", seeds[1], "verdict-50"), measure, 2)
    assert "If you picked them" not in alone.how_known
    assert alone.how_known.endswith("The two were tested on different texts.")
