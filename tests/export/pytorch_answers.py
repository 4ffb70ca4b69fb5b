"""Prints what exported networks say of texts, without Gatescope: `python -I pytorch_answers.py < ASKED`.

ASKED are pairs of a folder and texts, in JSON, and so is what is printed: pairs of what is said of each text,
and of what the command line prints of the first one.
"""

import contextlib
import importlib.util
import io
import json
import runpy
import sys
from pathlib import Path

import torch


def code_of(folder):
    """The module of an exported folder."""
    spec = importlib.util.spec_from_file_location("model", Path(folder) / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def printed(folder, text):
    """Return what `python model.py TEXT` prints."""
    sys.argv = ["model.py", text]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        runpy.run_path(str(Path(folder) / "model.py"), run_name="__main__")
    return out.getvalue()


if __name__ == "__main__":
    torch.set_num_threads(1)
    answers = []
    for folder, texts in json.load(sys.stdin):
        network = code_of(folder).Network()
        said = [network.probabilities(text) for text in texts]
        answers.append((said, printed(folder, texts[0])))
    assert "rnn_core" not in sys.modules
    assert importlib.util.find_spec("rnn_core") is None
    print(json.dumps(answers))
