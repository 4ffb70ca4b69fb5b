"""What the bars came to, and the file that holds it: `artifacts/results/bars-<data>.json`."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, TypedDict

import msgspec

from rnn_core.errors import BaselineError
from rnn_core.files import Amount, Count, FormatError, Line, Seed, Share, Value, from_json, to_json
from rnn_core.models.folder import write_whole
from rnn_core.paths import results_folder

_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BarScore:
    """One bar trained with one seed."""

    seed: Seed
    settings: Mapping[str, Value]
    """Those that did best on the validation reviews."""
    validation_accuracy: Share
    test_accuracy: Share
    """Of the test reviews, which were scored once."""
    features: Count
    """Weights without the bias."""
    seconds: Amount
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


class _ToldBar(TypedDict):
    """A bar as JSON holds it."""

    name: Line
    title: Line
    seeds: Annotated[tuple[BarScore, ...], msgspec.Meta(min_length=1, max_length=100)]


class _Told(TypedDict):
    """What is read of the file."""

    bars: Annotated[list[_ToldBar], msgspec.Meta(max_length=100)]


class _Counted(TypedDict):
    """The same, where only the reviews are asked for."""

    reviews: dict[str, Count]


def bars_path(data: str) -> Path:
    """The file of a source of reviews."""
    return results_folder() / f"bars-{data}.json"


def write_bars(data: str, about: Mapping[str, Any], bars: Sequence[Bar]) -> dict[str, Any]:
    """Write the file, whole or not at all; its content. `about`: how it was made. Raises BaselineError."""
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
        write_whole(path, (to_json(content, indent=2) + "\n").encode())
    except OSError as error:
        raise BaselineError(
            f"The bars could not be written to {path}: {error.strerror}. Free some disk space or make the "
            "folder writable, then try again."
        ) from error
    return content


def read_bars(data: str) -> tuple[Bar, ...]:
    """The bars of a source of reviews; none where they were not measured.

    Raises BaselineError where the file is damaged.
    """
    path = bars_path(data)
    try:
        with path.open("rb") as file:
            told: _Told = from_json(file.read(_MOST_BYTES + 1), _Told, most_bytes=_MOST_BYTES)
    except FileNotFoundError:
        return ()
    except (OSError, FormatError) as error:
        raise _damaged(data, path, error) from error
    return tuple(Bar(name=bar["name"], title=bar["title"], scores=bar["seeds"]) for bar in told["bars"])


def reviews_of_bars(data: str) -> dict[str, int]:
    """How many reviews of each split the bars were measured on; empty where nothing says so."""
    try:
        told: _Counted = from_json(bars_path(data).read_bytes(), _Counted, most_bytes=_MOST_BYTES)
    except (OSError, FormatError):
        return {}
    return told["reviews"]


def _damaged(data: str, path: Path, reason: object) -> BaselineError:
    return BaselineError(
        f"{path.name} in artifacts/results can't be read: {reason}. Delete it, or make it again with "
        f"`python -m rnn_core bars --data {data}`."
    )
