"""What the bars came to, and the file that holds it: `artifacts/results/bars-<data>.json`."""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rnn_core.models.folder import write_whole
from rnn_core.paths import results_folder


class BarsError(Exception):
    """Bars that could not be measured, kept or read; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarScore:
    """One bar trained with one seed."""

    seed: int
    settings: Mapping[str, Any]
    """Those that did best on the validation reviews."""
    validation_accuracy: float
    """0 to 1"""
    test_accuracy: float
    """0 to 1, of the test reviews, which were scored once."""
    features: int
    """Weights without the bias."""
    seconds: float
    """For all settings that were tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A classifier without a network that a run is measured against."""

    name: str
    title: str
    """For people."""
    scores: tuple[BarScore, ...]
    """One for each seed; one at least."""

    @property
    def validation_accuracy(self) -> float:
        """The mean over the seeds, 0 to 1."""
        return statistics.fmean(score.validation_accuracy for score in self.scores)

    @property
    def test_accuracy(self) -> float:
        """The mean over the seeds, 0 to 1."""
        return statistics.fmean(score.test_accuracy for score in self.scores)


def bars_path(data: str) -> Path:
    """The file of a source of reviews."""
    return results_folder() / f"bars-{data}.json"


def write_bars(data: str, about: Mapping[str, Any], bars: Sequence[Bar]) -> dict[str, Any]:
    """Write the file, whole or not at all; what it holds. `about` says how it was made. Raises BarsError."""
    content = {
        **about,
        "bars": [
            {"name": bar.name, "title": bar.title, "seeds": [asdict(score) for score in bar.scores]}
            for bar in bars
        ],
    }
    path = bars_path(data)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, (json.dumps(content, indent=2) + "\n").encode())
    except OSError as error:
        raise BarsError(
            f"The bars could not be written to {path}: {error.strerror}. Free some disk space or make the "
            "folder writable, then try again."
        ) from error
    return content


def read_bars(data: str) -> tuple[Bar, ...]:
    """The bars of a source of reviews; none where they were not measured.

    Raises BarsError where the file is damaged.
    """
    path = bars_path(data)
    try:
        return tuple(_bar(bar) for bar in json.loads(path.read_text(encoding="utf-8"))["bars"])
    except FileNotFoundError:
        return ()
    except KeyError as error:
        raise _damaged(data, path, f"it lacks {error}") from error
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(data, path, error) from error


def reviews_of_bars(data: str) -> dict[str, int]:
    """How many reviews of each split the bars were measured on; empty where nothing says so."""
    try:
        counts = json.loads(bars_path(data).read_text(encoding="utf-8"))["reviews"]
        return {str(split): int(count) for split, count in counts.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _bar(values: Mapping[str, Any]) -> Bar:
    bar = Bar(
        name=values["name"],
        title=values["title"],
        scores=tuple(BarScore(**score) for score in values["seeds"]),
    )
    if not isinstance(bar.name, str) or not isinstance(bar.title, str):
        raise ValueError("name and title of a bar must be words")
    if not bar.scores:
        raise ValueError(f"the bar {bar.name} must have a score for one seed at least")
    for score in bar.scores:
        for accuracy in (score.validation_accuracy, score.test_accuracy):
            if not _is_share(accuracy):
                raise ValueError(f"an accuracy must be a number between 0 and 1, got {accuracy!r}")
    return bar


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1


def _damaged(data: str, path: Path, reason: object) -> BarsError:
    return BarsError(
        f"{path.name} in artifacts/results can't be read: {reason}. Delete it, or make it again with: "
        f"python -m rnn_core bars --data {data}"
    )
