"""Builds the package; all that can be declared stands in pyproject.toml."""

import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

COMMITTED = ("pretrained", "results")


class BuildWithArtifacts(build_py):
    """Puts the committed models and results into the package, so that it can predict at once."""

    def run(self) -> None:
        """Build, with nothing left of an earlier build."""
        if self.editable_mode:  # a checkout has them beside the package
            super().run()
            return
        package = Path(self.build_lib, "rnn_core")
        shutil.rmtree(package, ignore_errors=True)
        super().run()
        for file in committed():
            copy = package / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def committed() -> list[Path]:
    """The files that git tracks, so none of the user's own; without git all files."""
    folders = [Path("artifacts", name) for name in COMMITTED]
    command = ["git", "ls-files", "-z", *map(str, folders)]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True)
        tracked = [Path(file) for file in listed.stdout.split("\0") if file]
    except (OSError, subprocess.CalledProcessError):
        tracked = []
    return tracked or [file for folder in folders for file in folder.rglob("*") if file.is_file()]


setup(cmdclass={"build_py": BuildWithArtifacts})
