"""The cases of a sweep side by side: the result of each over its seeds, whether two of them differ, and the
table of small pictures that shows two factors.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from rnn_core.config.corpora import CorpusRef
from rnn_core.config.words import setting_in_words
from rnn_core.inspection.memory import MEMORIES
from rnn_core.sweeps.over_seeds import ShareOverSeeds, compared, p_in_words, signed
from rnn_core.sweeps.permutation import LEVEL, Comparison, enough_seeds
from rnn_core.sweeps.questions import share_compared
from rnn_core.sweeps.sentences import UNTESTED, keys_of
from rnn_core.sweeps.sweep import Sweep
from rnn_core.sweeps.without import WHOLE, names_of_parts
from rnn_core.tasks.task import AtAGlance, Measure, task_of

_OTHERS = (
    Measure("test_loss", "Test loss", ".3f", ".4f", higher_is_better=False),
    *(Measure(f"bits_with_{k}", f"Bits, last {k} seen", ".3f", ".4f", False) for k in MEMORIES),
    Measure("pairs_right", "Probes: pairs right", ".1%", ".2%", higher_is_better=True),
    Measure("sentences_right", "Probes: sentences right", ".1%", ".2%", higher_is_better=True),
    Measure("seconds_per_epoch", "Seconds per epoch", ".3g", ".3g", higher_is_better=False),
    Measure("parameters", "Parameters", ",.0f", ",.0f", higher_is_better=False),
)
_CONCLUSIONS = {
    "a difference": "A difference",
    "no difference": "No difference shown",
    "too few seeds": "Too few seeds to tell",
}
BEST, NGRAMS = "The best", "n-grams"
_COUNTED = (1, 2, 4, 6)
"""Symbols of context with which n-grams stand beside networks; ticks for all of them would overlap."""


def measures_of(sweep: Sweep, table: pd.DataFrame) -> dict[str, Measure]:
    """The measures that these runs have, by column; first the one that cases are compared by."""
    task = task_of(sweep.base)
    scores = [
        task.score._replace(
            field=f"{split}_{task.score.field}", title=f"{split.capitalize()} {task.score.name}"
        )
        for split in ("test", "validation", "training")
    ]
    known = {one.field: one for one in (*scores, *(further.measure for further in task.further), *_OTHERS)}
    if not task.draws_loss:
        del known["test_loss"]
    first = share_compared(sweep)
    return {name: known[name] for name in sorted(known, key=lambda name: name != first) if name in table}


def by_memory(sweep: Sweep, table: pd.DataFrame) -> pd.DataFrame:
    """A row for each run and number of last symbols that its state has seen, and for the n-grams beside it.

    cell, the name of the case; symbols; bits; run, empty where n-grams were counted. No row of other texts.
    """
    keys, rows = keys_of(sweep, table), list[tuple[str, int, float, str]]()
    for run in table.to_dict("records"):
        named = case_name(keys, [run[key] for key in keys])
        rows += [(named, k, run.get(f"bits_with_{k}", math.nan), run["run"]) for k in MEMORIES]
        rows += [(NGRAMS, k, run.get(f"counted_with_{k}", math.nan), "") for k in _COUNTED]
    found = pd.DataFrame(rows, columns=["cell", "symbols", "bits", "run"]).dropna()
    return found.sort_values("cell", key=lambda names: names == NGRAMS, kind="stable")


class CaseResult(NamedTuple):
    """The result of one case: a number for each of its seeds."""

    values: tuple[Any, ...]
    """The values of the columns that tell the cases apart."""
    name: str
    corpus: CorpusRef
    seeds: ShareOverSeeds
    against: Comparison | None
    """The comparison with the best case on the same texts, or as one of all with the whole cell; None for
    these themselves."""


def case_results(sweep: Sweep, table: pd.DataFrame, measure: Measure) -> list[CaseResult]:
    """The cases of a table with a row a run: those on the same texts together, the best of them first.

    Runs that diverged are left out.
    """
    keys = keys_of(sweep, table)
    by_corpus: dict[CorpusRef, dict[tuple[Any, ...], list[float]]] = {
        point.config.corpus: {} for point in sweep.points()
    }
    for run in table.dropna(subset=[measure.field]).to_dict("records"):
        corpus = sweep.base.with_settings(**{factor: run[factor] for factor in sweep.factors}).corpus
        cases = by_corpus.setdefault(corpus, {})
        cases.setdefault(tuple(run[key] for key in keys), []).append(float(run[measure.field]))
    results = []
    for corpus, cases in by_corpus.items():
        seeds = {values: ShareOverSeeds(tuple(known)) for values, known in cases.items()}
        ranked = sorted(seeds, key=lambda values: seeds[values].mean, reverse=measure.higher_is_better)
        for values in ranked:
            first, count = ((WHOLE,), len(ranked) - 1) if (WHOLE,) in seeds else (ranked[0], 1)
            against = compared(seeds[first], seeds[values]).one_of(count) if values != first else None
            results.append(CaseResult(values, case_name(keys, values), corpus, seeds[values], against))
    return results


def case_name(keys: Sequence[str], values: Sequence[Any]) -> str:
    """The name of a case, by the columns that tell the cases apart and its values."""
    return ", ".join(
        str(value) if key == "case" else setting_in_words(key, value)
        for key, value in zip(keys, values, strict=True)
    )


def side_by_side(sweep: Sweep, table: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """A row for each case: mean, lowest and highest seed, how many seeds, p against the best on its texts, or
    against the whole cell.

    Without p where seeds only disturb what is measured.
    """
    keys, is_tested = keys_of(sweep, table), measure.field not in UNTESTED
    return pd.DataFrame(
        {
            **dict(zip(keys, one.values, strict=True)),
            "mean": one.seeds.mean,
            "lowest": one.seeds.low,
            "highest": one.seeds.high,
            "seeds": one.seeds.runs,
            **(_tested(one) if is_tested else {}),
        }
        for one in case_results(sweep, table, measure)
    )


def _concluded(found: Comparison) -> str:
    return _CONCLUSIONS[found.says] if round(found.difference, 9) else "No difference"


def _tested(case: CaseResult) -> dict[str, Any]:
    if case.against is None:
        return {"p": math.nan, "against": WHOLE.capitalize() if case.name == WHOLE else BEST}
    return {"p": case.against.p, "against": _concluded(case.against)}


def parts_sentence(results: Sequence[CaseResult], measure: Measure) -> str:
    """Say for how many parts of a cell a difference is shown, and the largest; empty of any other sweep."""
    others = [(one.against, one.name) for one in results if one.against is not None]
    whole = next((one for one in results if one.name == WHOLE), None)
    if whole is None or not others:
        return ""
    shown = [(abs(found.difference), found, name) for found, name in others if found.says == "a difference"]
    says = f"A difference is shown for {len(shown) or 'none'} of {len(others)} others."
    if shown:
        _, largest, name = max(shown)
        says = f"{says[:-1]}, the largest {name} ({_gap(largest.difference, measure)})."
    elif all(found.says == "too few seeds" for found, _ in others):
        says = f"It takes {enough_seeds(len(others))} seeds to show that any of {len(others)} others differs."
    return f"{measure.title} of {WHOLE} is {whole.seeds.mean:{measure.number}}. {says}"


class Difference(NamedTuple):
    """The difference of two cases in words, plain text."""

    conclusion: str
    numbers: str
    """Both results, how far they lie apart, and p, for the same sentence."""
    how_known: str
    """Sentences on the test, and on what it can't say here."""


def difference(one: CaseResult, other: CaseResult, measure: Measure, cases: int) -> Difference:
    """The difference of two cases of so many, by the exact permutation test of their seeds."""
    found, seeds = compared(one.seeds, other.seeds), (one.seeds.runs, other.seeds.runs)
    low, high = other.seeds.low - one.seeds.high, other.seeds.high - one.seeds.low
    means = " and ".join(f"{case.seeds.mean:{measure.number}} ({case.name})" for case in (one, other))
    numbers = (
        f"{means}, a difference of {_gap(found.difference, measure)} (between single seeds "
        f"{_gap(low, measure).removesuffix(' points')} to {_gap(high, measure)}), {p_in_words(found.p)}."
    )
    if len({*one.seeds.seeds, *other.seeds.seeds}) == 1:
        numbers = f"both {one.seeds.mean:{measure.number}} with every seed, {p_in_words(found.p)}."
    how_known = [
        f"p is from the exact permutation test, two-sided: the {sum(seeds)} seeds are dealt to two cases in "
        "every possible way, and p is the share of ways in which the means lie at least so far apart. A "
        f"difference is shown where p is {LEVEL:g} or less."
    ]
    if found.says == "too few seeds":
        how_known.append(
            f"With {seeds[0]} and {seeds[1]} seeds p is never below {found.least_p:.2g}, however large the "
            f"difference is; {enough_seeds()} of each can show one."
        )
    if found.says == "a difference" and cases > 2:
        pairs = math.comb(cases, 2)
        how_known.append(
            "That holds if you chose these two before you saw the results. If you picked them from all "
            f"{pairs:,} pairs, p counts {pairs:,} times: {p_in_words(found.picked_of(cases).p)}."
        )
    if one.corpus != other.corpus:
        how_known.append("The two were tested on different texts.")
    return Difference(_concluded(found), numbers, " ".join(how_known))


def _gap(difference: float, measure: Measure) -> str:
    """A difference with its sign, of shares in points."""
    return signed(difference) if measure.is_share else f"{difference:+{measure.number}}".replace("-", "−")


_DOWN = ("cell", "data")
"""The factors that stand at the beginning of a row, the first of them that sets cases apart."""


class Pictured(NamedTuple):
    """The factors and scores of such a table."""

    rows: str
    """The factor whose values stand one below the other."""
    columns: str
    glance: AtAGlance
    """The scores drawn in each place."""


class Place(NamedTuple):
    """A case of the table: its scores over the seeds that ended, and its first run."""

    shares: tuple[ShareOverSeeds, ...]
    """The shares of `AtAGlance.shares`; empty where all runs diverged."""
    number: ShareOverSeeds | None
    guess: float | None
    """The share of texts that is right by guessing; None where that means nothing."""
    run: str
    """The run of the first seed."""
    seed: int
    diverged: int
    """The number of its runs that diverged."""


def pictured(sweep: Sweep) -> Pictured | None:
    """Return the table of small pictures that a sweep is drawn as; None where it is drawn as a plot.

    It is where its task has scores to compare at a glance, and two factors set its cases apart, of which one
    is the cell or the texts. A factor that follows from these, as a learning rate that was chosen for each
    case, is none of the two. The parts of a cell are one below the other, by their names.
    """
    glance = task_of(sweep.base).at_a_glance
    telling = sweep.telling
    down = next((factor for factor in _DOWN if factor in telling), None)
    if glance is None or down is None or len(telling) != 2 or names_of_parts(sweep):
        return None
    [across] = (factor for factor in telling if factor != down)
    return Pictured(down, across, glance)


def places(sweep: Sweep, how: Pictured, table: pd.DataFrame) -> Mapping[tuple[Any, Any], Place]:
    """Row and column -> the case there, from a table with a row a run; of one without a run there is none."""
    return {
        (row, column): _place(sweep, how.glance, runs)
        for (row, column), runs in table.groupby([how.rows, how.columns], sort=False)
    }


def _place(sweep: Sweep, glance: AtAGlance, runs: pd.DataFrame) -> Place:
    runs = runs.sort_values("seed", key=lambda seeds: seeds.map([*sweep.seeds, *seeds].index))
    first, task = runs.iloc[0], task_of(sweep.base)
    ended = runs.dropna(subset=[measure.field for measure in (*glance.shares, glance.number)])

    def mean_over_seeds(measure: Measure) -> ShareOverSeeds:
        return ShareOverSeeds.of(ended[measure.field])

    return Place(
        shares=() if ended.empty else tuple(map(mean_over_seeds, glance.shares)),
        number=None if ended.empty else mean_over_seeds(glance.number),
        guess=task.right_by_guessing(sweep.base.with_settings(data=first.get("data", sweep.base.data))),
        run=str(first["run"]),
        seed=int(first["seed"]),
        diverged=len(runs) - len(ended),
    )
