"""Settings worth starting from."""

from typing import NamedTuple

from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig


class Preset(NamedTuple):
    """A named configuration; `help` is a sentence on what it does or what it is good for."""

    title: str
    help: str
    config: RunConfig


_IMDB = RunConfig().with_settings(**corpus_named("imdb").recommended)
_VERDICT = RunConfig(data="verdict").with_settings(**corpus_named("verdict").recommended)

_OF_STRINGS, _IDENTITY, _ = corpus_named("language-anbn").recommendation()

COUNTING = Preset(
    "Counting",
    "Learns that as many b follow as there were a, and needs no download.",
    RunConfig.plain("language-anbn", _IDENTITY).with_settings(
        **{**_OF_STRINGS, "cell": "lstm", "epochs": 5, "evaluations_per_epoch": 2}
    ),
)

PRESETS = {
    "quick": Preset("Film reviews", "Learns from real reviews of IMDB, which are downloaded once.", _IMDB),
    "demonstration": Preset(
        "A first run",
        "Learns from generated reviews whose last verdict decides, and needs no download.",
        _VERDICT,
    ),
    "half-a-minute": COUNTING,
    "mingru": Preset(
        "minGRU",
        "Reads fast, since its gate never waits for the memory, and gets pairs of words, too.",
        _IMDB.with_settings(
            cell="mingru", hidden_size=128, max_length=400, bigrams=30_000, bigram_dropout=0.3
        ),
    ),
    "reference": Preset(
        "Exercise",
        "Has plain settings for the task of a course, which asks for 87 %.",
        RunConfig().with_settings(weight_decay=0.0, epochs=8, keep="last"),
    ),
    "best": Preset(
        "Our best",
        "Has the settings of the network `best` that comes with the app, but for its two teachers.",
        RunConfig().with_settings(
            vocab_size=16_000,
            max_length=800,
            embedding_size=24,
            bigrams=24_000,
            counted_bigrams=130_000,
            label_odds=True,
            embedding_dropout=0.2,
            head_dropout=0.3,
            bigram_dropout=0.4,
            excerpts=0.5,
            snippets=80_000,
            composed=40_000,
            epochs=6,
            learning_rate=5e-3,
            weight_averaging=0.998,
            evaluations_per_epoch=1,
            keep="last",
        ),
    ),
}


_SHORT = _VERDICT.with_settings(epochs=2, hidden_size=64, max_length=100)

FAILURES = {
    "stuck": Preset(
        "A learning rate too small",
        "A learning rate of a millionth: the loss stays at 0.693, that of tossing a coin.",
        _SHORT.with_settings(learning_rate=1e-6),
    ),
    "vanishing": Preset(
        "A gradient that vanishes",
        "A plain RNN (Elman) with small weights: a small change of what was read some words ago changes "
        "nothing any more, so nothing can be learned from it.",
        _SHORT.with_settings(
            cell="elman", initialisation="uniform", optimizer="sgd", learning_rate=0.1, weight_decay=0.0
        ),
    ),
    "exploding": Preset(
        "A gradient that explodes",
        "A GRU with a learning rate ten times too large. Nothing clips its gradient, whose norm passes a "
        "million.",
        _SHORT.with_settings(learning_rate=0.1, clip_norm=0.0),
    ),
    "diverged": Preset(
        "A loss that rises and stays high",
        "A learning rate three hundred times too large: the loss rises above that of tossing a coin and "
        "stays there.",
        _SHORT.with_settings(learning_rate=3.0, clip_norm=0.0),
    ),
    "over-fitting": Preset(
        "Learned by heart",
        "300 reviews, seen thirty times: the training loss falls to zero while the validation loss rises.",
        _SHORT.with_settings(reviews=300, epochs=30, weight_decay=0.0, evaluations_per_epoch=1),
    ),
    "dead": Preset(
        "Units that never change",
        "A GRU whose update gate starts shut, with a bias of -10: many units never take anything in.",
        _SHORT.with_settings(forget_bias=10.0),
    ),
    "padding": Preset(
        "Padding read as text",
        "A plain RNN (Elman) reads on after the last word, up to the end of the padding, and learns nothing.",
        _SHORT.with_settings(cell="elman", epochs=4, padding="post", skip_padding=False),
    ),
}
"""Trainings that fail, each for a reason of its own, in under a minute and without a download.

The key is the kind of `rnn_core.training.diagnosis` that names it; "vanishing" is named as stuck.
"""
