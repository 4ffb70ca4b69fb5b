"""The places of things on disk. Asked again at each call, so that a test can point elsewhere.

In a checkout everything lies in the project's `artifacts/`. An installed package has the app, the pretrained
models and the published results beside it; what the user makes goes to the user's data folder.
"""

import os
from pathlib import Path

import platformdirs

NAME = "gatescope"


def package_folder() -> Path:
    """The source of this package."""
    return Path(__file__).resolve().parent


def import_folder() -> Path:
    """The folder that this package is imported from, in a checkout or not."""
    return package_folder().parent


def project_folder() -> Path | None:
    """The checkout that this package belongs to; None where the package was installed, or lies alone."""
    project = import_folder()
    return project if (project / "app.py").is_file() and not _carried_folder().is_dir() else None


def app_folder() -> Path | None:
    """The folder with app.py, pages/ and .streamlit/; None where the package lies alone."""
    folder = project_folder() or _carried_folder()
    return folder if folder.is_dir() else None


def artifacts_folder() -> Path:
    """`GATESCOPE_ARTIFACTS`, a checkout's `artifacts/` or the user's data folder."""
    if chosen := os.environ.get("GATESCOPE_ARTIFACTS"):
        return Path(chosen)
    project = project_folder()
    return project / "artifacts" if project else Path(platformdirs.user_data_dir(NAME))


def _carried_folder() -> Path:
    """The folder of a wheel into which `setup.py` puts the app and what is committed with it."""
    return import_folder() / "gatescope_app"


def _committed_folder() -> Path:
    """The folder of the committed models and results."""
    return artifacts_folder() if project_folder() else _carried_folder() / "artifacts"


def pretrained_folder() -> Path:
    """The committed models, one folder each."""
    return _committed_folder() / "pretrained"


def results_folder() -> Path:
    """The committed results: a file for each published question, and one for the baselines of each source."""
    return _committed_folder() / "results"


def published_folder() -> Path:
    """The committed networks of published questions, one folder each."""
    return results_folder() / "models"


def runs_folder() -> Path:
    """The user's own runs, one folder each; ignored by git."""
    return artifacts_folder() / "runs"


def sweeps_folder() -> Path:
    """The user's own sweeps; ignored by git."""
    return artifacts_folder() / "sweeps"


def own_corpora_folder() -> Path:
    """The corpora made of the user's own texts, one folder each; ignored by git."""
    return artifacts_folder() / "corpora"


def own_cells_folder() -> Path:
    """The files of the user's own cells, and the versions that runs were made with; ignored by git."""
    return artifacts_folder() / "cells"


def cache_folder() -> Path:
    """The folder for what can be made or downloaded again: `GATESCOPE_CACHE`, or the user's cache folder."""
    return Path(os.environ.get("GATESCOPE_CACHE") or platformdirs.user_cache_dir(NAME))


def child_environment() -> dict[str, str]:
    """Our environment, but with absolute folders, for a process that does not start where we did."""
    folders = {
        "GATESCOPE_ARTIFACTS": artifacts_folder().absolute(),
        "GATESCOPE_CACHE": cache_folder().absolute(),
    }
    if reviews := os.environ.get("GATESCOPE_IMDB"):
        folders["GATESCOPE_IMDB"] = Path(reviews).expanduser().absolute()
    return {**os.environ, **{name: str(folder) for name, folder in folders.items()}}
