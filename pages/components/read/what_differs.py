"""In what two networks differ, as a sentence or three: their cells, their lessons, their other settings."""

from collections.abc import Sequence

from pages.components.shared.format import listed, literal
from rnn_core.config.recipe import recipes_apart
from rnn_core.config.run import RunConfig
from rnn_core.config.words import difference_in_words

_BESIDE_REVIEWS = {
    "excerpts": "excerpts", "snippets": "short parts of reviews", "composed": "composed sentences",
    "teachers": "the answers of other networks",
}  # fmt: skip
"""Settings by which a network learns from more than whole reviews, and what that is."""
_OF_THE_CELL = {"cell", "hidden_size", "bidirectional", "layers"}
_OF_THE_MACHINE = {"threads", "device", "precision"}
"""Where and how fast it learned, which is not named."""
_MOST = 8
"""At most this many other settings are named."""


def what_differs(names: Sequence[str], configs: Sequence[RunConfig]) -> str:
    """The cells of two networks and what each learned from; then the other settings in which they differ."""
    one, other = (f"**{literal(name)}**" for name in names)
    cells, learned_from = [_cell(config) for config in configs], [lessons(config) for config in configs]
    sentences = [
        f"Each is {cells[0]}." if cells[0] == cells[1] else f"{one} is {cells[0]}, {other} is {cells[1]}.",
        f"Both learned from {learned_from[0]}."
        if learned_from[0] == learned_from[1]
        else f"{one} learned from {learned_from[0]}; {other} learned from {learned_from[1]}.",
    ]
    others = _other_differences(*configs)
    if others:
        more = [f"{len(others) - _MOST} more"] if len(others) > _MOST else []
        sentences.append(f"Other settings in which they differ: {listed([*others[:_MOST], *more])}.")
    return " ".join(filter(None, [*sentences, recipes_apart(configs)]))


def _cell(config: RunConfig) -> str:
    network = config.model
    ways = " in each direction" if network.bidirectional else ""
    layers = f" in each of {network.layers} layers" if network.layers > 1 else ""
    return f"{network.declared.noun} with {network.hidden_size:,} units{ways}{layers}"


def lessons(config: RunConfig) -> str:
    """What a network learned from, such as "reviews of IMDB and excerpts"."""
    beside = [words for name, words in _BESIDE_REVIEWS.items() if getattr(config.training, name)]
    reviews = literal(config.corpus.lessons)
    return listed([reviews, *beside]) if beside else f"{reviews} alone"


def _other_differences(one: RunConfig, other: RunConfig) -> list[str]:
    theirs = other.values()
    return [
        difference_in_words(name, (value, theirs[name]))
        for name, value in one.differences(other).items()
        if name not in _OF_THE_CELL | _OF_THE_MACHINE
        and (name not in _BESIDE_REVIEWS or (value and theirs[name]))
    ]
