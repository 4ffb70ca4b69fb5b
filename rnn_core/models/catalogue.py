"""Models on this machine, and how a person names one.

The networks of published questions are model folders under `artifacts/results/models`, in half precision.
Beside its usual files each has `published.json`: which runs it is of, and what 16 bits do to its answers. Its
vocabulary may lie beside the folder, since the networks of one question share most of it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from rnn_core.config.run import RunConfig
from rnn_core.config.training_settings import NETWORK_NAME
from rnn_core.errors import ModelFolderError
from rnn_core.models.folder import CONFIG, WEIGHTS, damaged, read_json
from rnn_core.paths import pretrained_folder, published_folder, runs_folder
from rnn_core.refusals import shown
from rnn_core.shapes import Line, Share

_NAME = re.compile(NETWORK_NAME)
PUBLISHED = "published.json"
_Number = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,9}$")]


KINDS_OF_MODELS = ("pretrained", "run", "experiment")
"""Origins of models, in the order of lists."""


class ModelEntry(NamedTuple):
    """A model that can be loaded; `kind` is one of KINDS_OF_MODELS."""

    name: str
    folder: Path
    kind: str

    @property
    def is_pretrained(self) -> bool:
        """True if it comes with the app, but for those of published questions."""
        return self.kind == "pretrained"

    @property
    def is_run(self) -> bool:
        """True if the user trained it, so that the store knows its name and its history."""
        return self.kind == "run"


def list_models() -> list[ModelEntry]:
    """The pretrained models by name, then the runs, the newest first, then those of published questions."""
    pretrained = sorted(pretrained_folder().glob(f"*/{CONFIG}"))
    runs = sorted(runs_folder().glob(f"*/{WEIGHTS}"), reverse=True)
    folders = ([path.parent for path in pretrained], [path.parent for path in runs], published_folders())
    kinds = zip(KINDS_OF_MODELS, folders, strict=True)
    return [ModelEntry(folder.name, folder, kind) for kind, of_kind in kinds for folder in of_kind]


def check_model_name(name: str) -> str:
    """Return `name` if it can be the name of a model's folder, else raise ModelFolderError."""
    if not _NAME.fullmatch(name):
        raise ModelFolderError(
            f"A model's name is made of at most 100 letters, digits, - and _, got {shown(name)}."
        )
    return name


_MOST_NAMED = 8
"""Models that are named where there is none of a name: of more those whose names are nearest to it."""


def find_model(name: str) -> Path:
    """The folder of a pretrained model, a run or a published network. Raises ModelFolderError in words."""
    if _NAME.fullmatch(name):  # a name can't leave the artifacts folder
        for parent in (pretrained_folder(), runs_folder(), published_folder()):
            if (parent / name).is_dir():
                return parent / name
    every = [entry.name for entry in list_models()]
    nearest = get_close_matches(name, every, _MOST_NAMED, 0.0) if len(every) > _MOST_NAMED else every
    more = f" and {len(every) - _MOST_NAMED:,} more" if len(every) > _MOST_NAMED else ""
    known = ", ".join(nearest) or "none yet"
    raise ModelFolderError(f"There is no model called {shown(name)}. There are: {known}{more}.")


_ALIKE = (
    "vocab_size input embedding_size hidden_size bidirectional bigrams counted_bigrams label_odds readout "
    "layers"
).split()
"""Settings in which networks that are compared agree. How each was trained may differ: a cell learns best in
its own way."""


def one_of_each_cell(configs: Mapping[str, RunConfig], variant: Callable[[RunConfig], str]) -> list[str]:
    """Names of networks that are alike but for their cell, one a variant: the largest such group, or none."""
    groups: dict[tuple[object, ...], dict[str, str]] = defaultdict(dict)
    for name, config in configs.items():
        values = config.values()
        key = (config.data, *(values[setting] for setting in _ALIKE))
        groups[key].setdefault(variant(config), name)
    most = max(groups.values(), key=len, default={})
    return list(most.values()) if len(most) > 1 else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The facts on a published network."""

    runs: Annotated[dict[Line, Line], msgspec.Meta(min_length=1)]
    """Question -> the id of the run in its results: one network may answer in two of them."""
    reviews: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    """Test texts that both forms of its weights were scored on."""
    accuracy: Share
    """Share of what these were asked on which these weights are right; `scores.json` has that of the weights
    as trained."""
    largest_change: Share
    """The most that rounding changed the probability of any of these texts, see `Task.probabilities`."""
    probe: dict[_Number, Share]
    """Number of a test text of its corpus -> this probability by the weights as trained."""


def published_folders() -> list[Path]:
    """The folders of all published networks, by name, numbers in them by size: k50 stands before k100."""

    def size_key(folder: Path) -> list[tuple[int, str]]:
        parts = re.split(r"-|(?<=[a-z])(?=\d)", folder.name)
        return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]

    return sorted((path.parent for path in published_folder().glob(f"*/{CONFIG}")), key=size_key)


def is_published(folder: Path) -> bool:
    """True if a model folder is one of a published question."""
    return folder.parent == published_folder()


def read_published(folder: Path) -> Published:
    """Read the facts on a published network. Raises ModelFolderError where that can't be read."""
    published: Published | None = read_json(folder / PUBLISHED, None, Published)
    if published is None:
        raise damaged(folder / PUBLISHED, "it is missing")
    return published


def networks_by_run() -> dict[str, Path]:
    """Run id -> the folder of its published network. Raises ModelFolderError where one of them is damaged."""
    return {run: folder for folder in published_folders() for run in read_published(folder).runs.values()}
