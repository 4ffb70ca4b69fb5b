"""How a network was trained, in some three words, and whether the scores of several compare their cells."""

from collections.abc import Sequence

from rnn_core.config.run import RunConfig
from rnn_core.symbols import settings_of_cells

_INGREDIENTS = {
    "teachers": ("teachers",),
    "adversarial": ("adversarial",),
    "short texts too": ("excerpts", "snippets", "composed"),
    "label odds": ("label_odds",),
    "bigrams": ("bigrams", "counted_bigrams"),
}
"""What a training may have, the most telling first: in words, and the settings of which one turns it on."""
_NAMED = 2
"""Ingredients that are named."""
_DROPOUTS = ("embedding_dropout", "layer_dropout", "head_dropout", "word_dropout")
_NOISE = {"seed", "threads", "device"}
"""Settings that change a score by no more than noise."""


def recipe_in_words(config: RunConfig) -> str:
    """What a network reads, and what is most telling of its training.

    >>> recipe_in_words(RunConfig().with_settings(max_length=400, head_dropout=0.3))
    '400 tokens, dropouts'
    >>> recipe_in_words(RunConfig().with_settings(label_odds=True, composed=20_000, head_dropout=0.3))
    '256 tokens, short texts too, label odds'
    >>> recipe_in_words(RunConfig(data="verdict"))
    'generated reviews, plain'
    """
    values = config.values()
    named = [words for words, names in _INGREDIENTS.items() if any(values[name] for name in names)]
    if not named:
        named = ["dropouts" if any(values[name] for name in _DROPOUTS) else "plain"]
    corpus = config.corpus
    reads = f"generated {corpus.nouns.texts}" if corpus.is_generated else f"{config.text.max_length:,} tokens"
    return ", ".join([reads, *named[:_NAMED]])


def recipes_in_words(configs: Sequence[RunConfig]) -> str:
    """The recipes of scores that stand side by side, and what may not be compared of those on one corpus.

    >>> recipes_in_words([RunConfig(), RunConfig().with_settings(cell="lstm")])
    'Recipe: 256 tokens, plain.'
    """
    recipes = list(dict.fromkeys(map(recipe_in_words, configs)))
    said = f"{'Recipe' if len(recipes) == 1 else 'Recipes'}: {'; '.join(recipes)}."
    apart = recipes_apart(configs) if len({config.corpus for config in configs}) == 1 else ""
    return f"{said} {apart}".rstrip()


def have_same_recipe(one: RunConfig, other: RunConfig) -> bool:
    """Whether two networks were trained alike but for their cells, so that their scores compare these.

    >>> have_same_recipe(RunConfig(), RunConfig().with_settings(cell="lstm", seed=1))
    True
    >>> have_same_recipe(RunConfig(), RunConfig().with_settings(cell="lstm", epochs=8))
    False
    """
    return one.corpus == other.corpus and not one.differences(other).keys() - {*settings_of_cells()} - _NOISE


def recipes_apart(configs: Sequence[RunConfig]) -> str:
    """A sentence for scores that stand side by side; empty where they compare cells, or have only one cell.

    >>> recipes_apart([RunConfig(), RunConfig().with_settings(cell="lstm", epochs=8)])
    'Their recipes differ, so these scores may not be compared as those of cells.'
    """
    first, *others = configs
    cells = {config.model.variant for config in configs}
    if len(cells) < 2 or all(have_same_recipe(first, other) for other in others):
        return ""
    return "Their recipes differ, so these scores may not be compared as those of cells."
