"""Formats that are made up, and small models to export."""

import contextlib

import torch

from rnn_core.config.run import RunConfig
from rnn_core.export.model_format import Exported, ModelFormat
from rnn_core.export.model_formats import MODEL_FORMATS
from rnn_core.models.folder import save_model
from rnn_core.nn.classifier import Classifier
from rnn_core.progress import Progress
from rnn_core.text.vocabulary import Vocabulary

WORDS = Vocabulary.from_counts({"the": 5, "film": 4, "was": 3, "good": 2, "bad": 1}, 10)
FOLDER_FILES = {"one.txt": b"1", "two.txt": b"22"}


def save_small(folder, base=None, change=lambda weights: None, words=WORDS, **settings):
    """Saves an untrained network of 5 units; `change` is what becomes of its weights. Returns its folder."""
    torch.manual_seed(3)
    config = (base or RunConfig(data="verdict")).with_settings(hidden_size=5, embedding_size=3, **settings)
    weights = Classifier(config.model, len(words), len(config.classes)).state_dict()
    change(weights)
    save_model(folder, config, words, weights)
    return folder


def spoil(weights):
    """One weight is no number."""
    weights["head.weight"][0, 0] = float("nan")


def accept(models):
    """The check of a format that refuses nothing."""


def name_them(models):
    """Makes the names of the models, a line each, in two steps."""
    yield Progress("Naming", 0, len(models))
    yield Progress("Naming", 1, len(models))
    return Exported(
        files={"": "".join(f"{model.name}\n" for model in models).encode()}, said=("Inside: the name.",)
    )


def make_folder(models):
    """Makes two files of each model."""
    yield Progress("Naming", 0, 1)
    return Exported(files=FOLDER_FILES, said=("Inside: two numbers.",))


NAMES = ModelFormat(
    label="Names", suffix=".names", mime="text/plain", help="To read the names of networks.", most_models=2,
    check=accept, make=name_them,
)  # fmt: skip
FOLDER = ModelFormat(
    label="Numbers", suffix="", mime="text/plain", help="Two files.", check=accept, make=make_folder
)


@contextlib.contextmanager
def registered(**formats):
    """These formats are offered beside the others."""
    for name, form in formats.items():
        MODEL_FORMATS.register(name, form)
    try:
        yield
    finally:
        for name in formats:
            MODEL_FORMATS.remove(name)
