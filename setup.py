"""Builds the package; all that can be declared stands in pyproject.toml."""

import shutil
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
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        for name in COMMITTED:
            shutil.copytree(Path("artifacts", name), Path(self.build_lib, "rnn_core", "artifacts", name))


setup(cmdclass={"build_py": BuildWithArtifacts})
