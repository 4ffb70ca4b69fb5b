"""Builds the package; all that can be declared stands in pyproject.toml."""

import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

APP = "gatescope_app"
CARRIED = ("app.py", "pages", ".streamlit", "artifacts/pretrained", "artifacts/results")


class BuildWithApp(build_py):
    """Puts the app and what is committed for it into a folder beside the package."""

    def run(self) -> None:
        """Build, with nothing left of an earlier build."""
        if self.editable_mode:  # a checkout has them beside the package
            super().run()
            return
        for name in ("rnn_core", APP):
            shutil.rmtree(Path(self.build_lib, name), ignore_errors=True)
        super().run()
        for file in carried():
            copy = Path(self.build_lib, APP, file)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def carried() -> list[Path]:
    """The files that git tracks, so none of the user's own; without git all files."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", *CARRIED], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        listed = ""
    if listed:
        return [Path(file) for file in listed.split("\0") if file]
    files = [file for name in CARRIED for file in (Path(name), *Path(name).rglob("*")) if file.is_file()]
    return [file for file in files if "__pycache__" not in file.parts]


setup(cmdclass={"build_py": BuildWithApp})
