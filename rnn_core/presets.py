"""Settings worth starting from."""

from typing import NamedTuple

from rnn_core.config import RunConfig, default_config


class Preset(NamedTuple):
    """A named configuration; `help` says in a sentence what it is good for."""

    title: str
    help: str
    config: RunConfig


PRESETS = {
    "demonstration": Preset(
        "One-minute demonstration",
        "A small GRU on generated reviews whose last verdict decides: needs no download, and passes "
        "95 % in under a minute.",
        default_config("verdict"),
    ),
    "reference": Preset(
        "The assignment's reference",
        "GRU with 128 units and embeddings of 32, Adam at a constant learning rate, no regularisation: "
        "about 98 % of the training reviews and 87 % of the test reviews.",
        RunConfig().with_settings(
            head="two-logit",
            optimizer="adam",
            schedule="constant",
            learning_rate=1e-3,
            weight_decay=0.0,
            epochs=8,
        ),
    ),
    "best": Preset(
        "Our best",
        "A GRU that reads more words of a longer review, with dropout and averaged weights.",
        RunConfig().with_settings(
            vocab_size=10_000,
            max_length=400,
            embedding_dropout=0.3,
            head_dropout=0.3,
            word_dropout=0.1,
            weight_averaging=0.998,
            epochs=6,
        ),
    ),
}
