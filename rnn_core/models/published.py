"""The networks of published questions: model folders under `artifacts/results/models`, in half precision.

Beside its usual files each has `published.json`: which runs it is of, and what 16 bits do to its answers. Its
vocabulary may lie beside the folder, since the networks of one question share most of it.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec

from rnn_core.models.folder import CONFIG, damaged, read_json
from rnn_core.paths import published_folder
from rnn_core.shapes import Line, Share

PUBLISHED = "published.json"
_Number = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,9}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What is known of a published network."""

    runs: Annotated[dict[Line, Line], msgspec.Meta(min_length=1)]
    """Question -> the id of the run in its results: one network may answer in two of them."""
    reviews: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    """Test reviews that both forms of its weights were scored on."""
    accuracy: Share
    """Of the weights as they are here, on these; `scores.json` has that of the weights as trained."""
    largest_change: Share
    """The most that rounding changed the probability of any of these reviews."""
    probe: dict[_Number, Share]
    """Number of a test review of its corpus -> the probability that the weights as trained gave it."""

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return asdict(self)


def published_folders() -> list[Path]:
    """The folders of all published networks, by name, numbers in it by their size."""
    return sorted((path.parent for path in published_folder().glob(f"*/{CONFIG}")), key=_by_size)


def _by_size(folder: Path) -> list[tuple[int, str]]:
    """A key by which distance-25 stands before distance-100."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in folder.name.split("-")]


def is_published(folder: Path) -> bool:
    """Whether a model folder is one of a published question."""
    return folder.parent == published_folder()


def read_published(folder: Path) -> Published:
    """What is known of a published network. Raises ModelFolderError where that can't be read."""
    published: Published | None = read_json(folder / PUBLISHED, None, Published)
    if published is None:
        raise damaged(folder / PUBLISHED, "it is missing")
    return published


def networks_by_run() -> dict[str, Path]:
    """Run id -> the folder with its network, of all runs whose network was published.

    Raises ModelFolderError where one of the folders is damaged.
    """
    return {run: folder for folder in published_folders() for run in read_published(folder).runs.values()}
