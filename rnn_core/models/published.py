"""The networks of published questions: model folders under `artifacts/results/models`, in half precision.

Beside its usual files each has `published.json`: which runs it is of, and what 16 bits do to its answers. Its
vocabulary may lie beside the folder, since the networks of one question share most of it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from rnn_core.models.folder import CONFIG, ModelFolderError
from rnn_core.paths import published_folder

PUBLISHED = "published.json"
_MOST_BYTES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What is known of a published network. Raises ValueError where a value can't be."""

    runs: Mapping[str, str]
    """Question -> the id of the run in its results: one network may answer in two of them."""
    reviews: int
    """Test reviews that both forms of its weights were scored on."""
    accuracy: float
    """Of the weights as they are here, on these; `scores.json` has that of the weights as trained."""
    largest_change: float
    """The most that rounding changed the probability of any of these reviews."""
    probe: Mapping[str, float]
    """Number of a test review of its corpus -> the probability that the weights as trained gave it."""

    def __post_init__(self) -> None:
        texts = [*self.runs, *self.runs.values(), *self.probe]
        shares = [self.accuracy, self.largest_change, *self.probe.values()]
        if not (self.runs and all(isinstance(text, str) for text in texts)):
            raise ValueError("it must name the runs that the network is of")
        if not all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares):
            raise ValueError("accuracies, changes and probabilities must be between 0 and 1")
        if not (isinstance(self.reviews, int) and self.reviews > 0 and all(map(str.isdecimal, self.probe))):
            raise ValueError("it must count and number the test reviews")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`. Raises TypeError, ValueError or AttributeError for anything else."""
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return asdict(self)


def published_folders() -> list[Path]:
    """The folders of all published networks, by name."""
    return sorted(path.parent for path in published_folder().glob(f"*/{CONFIG}"))


def is_published(folder: Path) -> bool:
    """Whether a model folder is one of a published question."""
    return folder.parent == published_folder()


def read_published(folder: Path) -> Published:
    """What is known of a published network. Raises ModelFolderError where that can't be read."""
    path = folder / PUBLISHED
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"it must have at most {_MOST_BYTES:,} bytes")
        return Published.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFolderError(f"The model {folder.name} can't be read: {path.name}: {error}.") from error


def networks_by_run() -> dict[str, Path]:
    """Run id -> the folder with its network, of all runs whose network was published.

    Raises ModelFolderError where one of the folders is damaged.
    """
    return {run: folder for folder in published_folders() for run in read_published(folder).runs.values()}
