"""What came of a speedrun: for machines, and as a table for people."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Self

from rnn_core.bench.marks import Mark
from rnn_core.bench.speedrun import COUNTING, OURS, PLAIN_WAY, Timed
from rnn_core.machine import Machine

_HEADINGS = ("Mark", "What", "Threads", "Optimizer steps", "Seconds", "Test accuracy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a mark, as far as it was measured."""

    mark: Mark
    ours: tuple[Timed, ...]
    """One for each seed; one at least."""
    beside: tuple[Timed, ...]

    @classmethod
    def of(cls, mark: Mark, timed: Sequence[Timed]) -> Self | None:
        """None where none of ours has ended."""
        ours = tuple(one for one in timed if one.what == OURS and one.mark == mark)
        beside = tuple(one for one in timed if one.what != OURS and one.mark in (mark, None))
        order = (PLAIN_WAY, COUNTING)
        return (
            cls(mark=mark, ours=ours, beside=tuple(sorted(beside, key=lambda one: order.index(one.what))))
            if ours
            else None
        )

    @property
    def test_accuracy(self) -> float:
        """The mean over the seeds, 0 to 1."""
        return fmean(one.test_accuracy for one in self.ours)

    @property
    def seconds(self) -> float:
        """The mean over the seeds."""
        return fmean(one.seconds for one in self.ours)

    @property
    def is_reached(self) -> bool:
        """Whether the mean over the seeds is at the mark or above it."""
        return self.test_accuracy >= self.mark.accuracy

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {
            "mark": self.mark.accuracy,
            "is_reached": self.is_reached,
            "mean_test_accuracy": self.test_accuracy,
            "mean_seconds": round(self.seconds, 2),
            "recipe": self.mark.recipe.to_dict(),
            "trainings": [_to_dict(one) for one in (*self.ours, *self.beside)],
        }


def _to_dict(timed: Timed) -> dict[str, Any]:
    values = {name: value for name, value in asdict(timed).items() if name != "mark"}
    return {**values, "seconds": round(timed.seconds, 2)}


def in_a_line(timed: Timed) -> str:
    """One training that has ended, for the person who waits."""
    mark = f"{timed.mark}: " if timed.mark else ""
    return (
        f"{mark}{timed.what}, seed {timed.seed}: {timed.seconds:.1f} s, "
        f"{timed.test_accuracy:.2%} of the test reviews"
    )


def table(outcomes: Sequence[Outcome], machine: Machine) -> str:
    """Markdown: a line for each contestant of each mark, and the machine below."""
    lines = [_HEADINGS, tuple("---" for _ in _HEADINGS)]
    for outcome in outcomes:
        lines += [_ours(outcome), *(_beside(one, outcome.mark) for one in outcome.beside)]
    rows = [f"| {' | '.join(cells)} |" for cells in lines]
    return "\n".join(rows) + f"\n\nMeasured on: {machine}.\n"


def _ours(outcome: Outcome) -> tuple[str, ...]:
    seconds = [one.seconds for one in outcome.ours]
    accuracies = [one.test_accuracy for one in outcome.ours]
    count = len(outcome.ours)
    over_seeds = f", mean of {count} seeds" if count > 1 else ""
    return (
        f"**{outcome.mark}**: {'reached' if outcome.is_reached else 'missed'}",
        f"ours{over_seeds}",
        f"{outcome.ours[0].threads}",
        f"{outcome.ours[0].optimizer_steps:,}",
        f"**{outcome.seconds:.1f}** ({min(seconds):.1f} to {max(seconds):.1f})",
        f"**{outcome.test_accuracy:.2%}** ({min(accuracies):.2%} to {max(accuracies):.2%})",
    )


def _beside(timed: Timed, mark: Mark) -> tuple[str, ...]:
    length = mark.recipe.text.max_length
    what = {
        PLAIN_WAY: f"the same network on nn.GRU padded to {length}, recipe of the assignment",
        COUNTING: "NB-SVM on bigrams",
    }[timed.what]
    what += f", seed {timed.seed}"
    steps = "" if timed.optimizer_steps is None else f"{timed.optimizer_steps:,}"
    return "", what, f"{timed.threads}", steps, f"{timed.seconds:.1f}", f"{timed.test_accuracy:.2%}"
