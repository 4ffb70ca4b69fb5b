"""Which models there are, and how a person names one."""

import re
from pathlib import Path
from typing import NamedTuple

from rnn_core.config.training_settings import NETWORK_NAME
from rnn_core.errors import ModelFolderError
from rnn_core.models.folder import CONFIG, WEIGHTS
from rnn_core.models.published import published_folders
from rnn_core.paths import pretrained_folder, published_folder, runs_folder
from rnn_core.refusals import shown

_NAME = re.compile(NETWORK_NAME)


class ModelEntry(NamedTuple):
    """A model that can be loaded; `kind` is "pretrained", "run" or "experiment"."""

    name: str
    folder: Path
    kind: str


def list_models() -> list[ModelEntry]:
    """The pretrained models by name, then the runs, the newest first, then those of published questions.

    A pretrained model is listed without its weights, too, so that what is missing gets named; a run
    has no weights before its first evaluation.
    """
    pretrained = sorted(pretrained_folder().glob(f"*/{CONFIG}"))
    runs = sorted(runs_folder().glob(f"*/{WEIGHTS}"), reverse=True)
    kinds = (
        ("pretrained", [path.parent for path in pretrained]),
        ("run", [path.parent for path in runs]),
        ("experiment", published_folders()),
    )
    return [ModelEntry(folder.name, folder, kind) for kind, folders in kinds for folder in folders]


def check_model_name(name: str) -> str:
    """Return `name` if it can be the name of a model's folder, else raise ModelFolderError."""
    if not _NAME.fullmatch(name):
        raise ModelFolderError(
            f"A model's name is made of at most 100 letters, digits, - and _, got {shown(name)}."
        )
    return name


def find_model(name: str) -> Path:
    """The folder of a pretrained model, a run or a published network. Raises ModelFolderError in words."""
    if _NAME.fullmatch(name):  # a name can't leave the artifacts folder
        for parent in (pretrained_folder(), runs_folder(), published_folder()):
            if (parent / name).is_dir():
                return parent / name
    known = ", ".join(entry.name for entry in list_models()) or "none yet"
    raise ModelFolderError(f"There is no model called {shown(name)}. There are: {known}.")
