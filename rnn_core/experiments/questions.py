"""The questions whose answers this project publishes: the sweep of each, by name.

All on the whole of IMDB, with the settings of the pretrained GRU but for what is asked; an Elman network gets
a learning rate that suits it.
"""

from collections.abc import Mapping
from typing import Any

from rnn_core.experiments.sweep import Sweep, grid, usual_base

_USUAL: Mapping[str, Any] = {
    "max_length": 400,
    "embedding_dropout": 0.2,
    "head_dropout": 0.3,
    "word_dropout": 0.05,
    "learning_rate": 5e-3,
}
_TWO, _THREE = (0, 1), (0, 1, 2)
_RATES = {"elman": 2e-3, "gru": 5e-3, "lstm": 5e-3}
_PADDINGS = ((True, "pre"), (False, "pre"), (False, "post"))
_VARIANTS = (
    ("embedding", "before", "last"),
    ("one-hot", "before", "last"),
    ("embedding", "after", "last"),
    ("embedding", "before", "mean"),
    ("embedding", "before", "max"),
)


def _sweeps() -> list[Sweep]:
    base = usual_base("imdb", **_USUAL)
    return [
        Sweep(name="start-token", base=base, cases=grid({"start_token": [True, False]}), seeds=_TWO),
        Sweep(
            name="vocabulary", base=base,
            cases=grid({"vocab_size": [500, 2_000, 5_000, 10_000, 40_000]}), seeds=_THREE,
        ),
        Sweep(
            name="length", base=base, cases=grid({"max_length": [25, 50, 100, 200, 400, 800]}), seeds=_TWO
        ),
        Sweep(
            name="length-of-cells", base=base, seeds=_TWO,
            cases=[
                {"cell": cell, "max_length": length, "learning_rate": _RATES[cell]}
                for cell in ("elman", "lstm")
                for length in (25, 100, 400)
            ],
        ),
        Sweep(
            name="padding", base=base, seeds=_THREE,
            cases=[
                {
                    "cell": cell, "truncation": truncation, "skip_padding": skip, "padding": padding,
                    "learning_rate": _RATES[cell],
                }
                for cell in ("elman", "gru")
                for truncation in ("pre", "post")
                for skip, padding in _PADDINGS
            ],
        ),
        Sweep(
            name="network", base=base, seeds=_TWO,
            cases=[
                {"input": input, "reset": reset, "readout": readout} for input, reset, readout in _VARIANTS
            ],
        ),
    ]  # fmt: skip


QUESTIONS: Mapping[str, Sweep] = {sweep.name: sweep for sweep in _sweeps()}
