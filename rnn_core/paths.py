"""Where things lie on disk. Asked anew at each call, so that a test can point elsewhere."""

import os
from pathlib import Path

import platformdirs


def package_folder() -> Path:
    """The source of this package."""
    return Path(__file__).resolve().parent


def artifacts_folder() -> Path:
    """Models, results and runs: `GATESCOPE_ARTIFACTS`, or the project's `artifacts/`."""
    return Path(os.environ.get("GATESCOPE_ARTIFACTS") or package_folder().parent / "artifacts")


def pretrained_folder() -> Path:
    """The committed models, one folder each."""
    return artifacts_folder() / "pretrained"


def results_folder() -> Path:
    """The committed results: a file for each published question, and one for each source's bars."""
    return artifacts_folder() / "results"


def published_folder() -> Path:
    """The committed networks of published questions, one folder each."""
    return results_folder() / "models"


def runs_folder() -> Path:
    """The user's own runs, one folder each; ignored by git."""
    return artifacts_folder() / "runs"


def sweeps_folder() -> Path:
    """The user's own sweeps; ignored by git."""
    return artifacts_folder() / "sweeps"


def cache_folder() -> Path:
    """What can be made or downloaded again: `GATESCOPE_CACHE`, or the user's cache folder."""
    return Path(os.environ.get("GATESCOPE_CACHE") or platformdirs.user_cache_dir("gatescope"))
