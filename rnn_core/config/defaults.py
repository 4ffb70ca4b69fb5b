"""The configurations that the form, sweeps and addresses start from, corpus by corpus."""

from typing import Any

from rnn_core.config.run import RunConfig

# The verdict corpus has fewer words than IMDB, and its verdict may stand 400 words back.
_PLAIN: dict[str, dict[str, Any]] = {
    "imdb": {},
    "verdict": {"vocab_size": 2_000, "max_length": 400, "learning_rate": 1e-2, "verdict_distance": 0},
}
DATA_DEFAULTS: dict[str, dict[str, Any]] = {
    "imdb": {
        "vocab_size": 10_000,
        "max_length": 200,
        "hidden_size": 64,
        "label_odds": True,
        "excerpts": 0.5,
        "epochs": 2,
        "learning_rate": 8e-3,
    },
    "verdict": _PLAIN["verdict"],
}


def plain_config(data: str) -> RunConfig:
    """The settings without any ingredient, from which sweeps start and addresses say what differs.

    Results and links are kept by them, so they stay as they are when the defaults become better.
    """
    return RunConfig(data=data).with_settings(**_PLAIN.get(data, {}))


def default_config(data: str) -> RunConfig:
    """The settings an expert would start from on this corpus."""
    return RunConfig(data=data).with_settings(**DATA_DEFAULTS.get(data, {}))
