"""Prints what exported networks say of texts, without Gatescope: `python -I pytorch_answers.py < ASKED`.

ASKED are pairs of a folder and texts, in JSON.
"""

import importlib.util
import json
import sys
from pathlib import Path

import torch


def code_of(folder):
    """The module of an exported folder."""
    spec = importlib.util.spec_from_file_location("model", Path(folder) / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    torch.set_num_threads(1)
    answers = []
    for folder, texts in json.load(sys.stdin):
        network = code_of(folder).Network()
        answers.append([network.probabilities(text) for text in texts])
    assert "rnn_core" not in sys.modules
    assert importlib.util.find_spec("rnn_core") is None
    print(json.dumps(answers))
