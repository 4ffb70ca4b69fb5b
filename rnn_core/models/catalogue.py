"""Which models there are, and how a person names one."""

import re
from pathlib import Path
from typing import NamedTuple

from rnn_core.models.folder import CONFIG, WEIGHTS, ModelFolderError
from rnn_core.paths import pretrained_folder, runs_folder

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class ModelEntry(NamedTuple):
    """A model that can be loaded; `kind` is "pretrained" or "run"."""

    name: str
    folder: Path
    kind: str


def list_models() -> list[ModelEntry]:
    """The pretrained models in the order of the alphabet, then the runs, the newest first.

    A pretrained model is listed without its weights, too, so that what is missing gets named; a run
    has no weights before its first evaluation.
    """
    pretrained = sorted(pretrained_folder().glob(f"*/{CONFIG}"))
    runs = sorted(runs_folder().glob(f"*/{WEIGHTS}"), reverse=True)
    return [
        ModelEntry(path.parent.name, path.parent, kind)
        for kind, paths in (("pretrained", pretrained), ("run", runs))
        for path in paths
    ]


def check_model_name(name: str) -> str:
    """Return `name` if it can be the name of a model's folder, else raise ModelFolderError."""
    if not _NAME.fullmatch(name):
        raise ModelFolderError(f"A model's name is made of letters, digits, - and _, got {name!r}.")
    return name


def find_model(name: str) -> Path:
    """The folder of a pretrained model or a run. Raises ModelFolderError in words."""
    if _NAME.fullmatch(name):  # a name can't leave the artifacts folder
        for parent in (pretrained_folder(), runs_folder()):
            if (parent / name).is_dir():
                return parent / name
    known = ", ".join(entry.name for entry in list_models()) or "none yet"
    raise ModelFolderError(f"There is no model called {name!r}. There are: {known}.")
