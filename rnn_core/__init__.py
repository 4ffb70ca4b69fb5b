"""Recurrent cells from scratch, the training that fits them and the instruments that look inside.

`import rnn_core as gs` is the front door of a notebook: `gs.load`, `gs.train`, `gs.draw` and a few more, each
imported when it is first used.
"""

from typing import TYPE_CHECKING, Any

from rnn_core.__version__ import __version__ as __version__
from rnn_core.registry import HOMES
from rnn_core.seeing import see as see

HOMES["kind of corpora"] = (
    "rnn_core.data.imdb",
    "rnn_core.data.verdict",
    "rnn_core.data.imdb_characters",
    "rnn_core.data.language_strings",
    "rnn_core.data.own.plain",
    "rnn_core.data.own.catalogue",
)

if TYPE_CHECKING:
    from rnn_core.notebook import Model, cell, corpus, draw, evaluate, load, trace, track, train

__all__ = ["Model", "cell", "corpus", "draw", "evaluate", "load", "see", "trace", "track", "train"]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not TYPE_CHECKING:  # for a type checker any name would be there

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module("rnn_core.notebook"), name)
