"""Names of settings, of their values and of recipes, on screen, in names and in findings."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rnn_core.cell_files.typed import unnamed
from rnn_core.config.corpora import comes_with_the_app, corpus_named
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.nouns import REVIEWS, Nouns
from rnn_core.config.run import DATA, RunConfig, all_settings
from rnn_core.config.setting import NONE
from rnn_core.config.training_settings import OF_THE_MACHINE
from rnn_core.symbols import KINDS, settings_of_cells

_SHORT_NAMES = {
    "pre": "front",
    "post": "end",
    "one-logit": "one logit",
    "two-logit": "two logits",
    "adamw": "AdamW",
    "adam": "Adam",
    "sgd": "SGD",
    "cpu": "CPU",
    "cuda": "GPU",
}


def name_of(setting: str) -> str:
    """Return the name that people give a setting, or the texts; anything else stays as it is.

    >>> name_of("vocab_size"), name_of("data"), name_of("case")
    ('Vocabulary size', 'Texts', 'case')
    """
    labels = {"data": DATA.label} | {name: declared.label for name, declared in all_settings().items()}
    return labels.get(setting, setting)


def short_name(value: str) -> str:
    """Return a value of a setting, or texts, in people's word where that is shorter or another one.

    >>> short_name("gru"), short_name("adamw"), short_name("mean"), short_name("language-delay-k50")
    ('GRU', 'AdamW', 'mean', 'delay, k = 50')
    """
    if value in KINDS:
        return KINDS[value].name
    if value in _SHORT_NAMES or not comes_with_the_app(value):
        return _SHORT_NAMES.get(value, value)
    return corpus_named(value).title


_IN_SENTENCES = {
    "label_odds": "label odds",
    "skip_padding": "skipping of padding",
    "exact": "fixed number of threads",
}
"""Words in a sentence for a label that is a command: "no begin with label odds" is no English."""


def value_in_words(value: Any) -> str:
    """The value of a setting as the forms show it.

    >>> value_in_words(True), value_in_words(5_000), value_in_words(0.005), value_in_words("pre")
    ('on', '5,000', '0.005', 'front')
    """
    if isinstance(value, np.generic):  # of a table
        value = value.item()
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return short_name(value) or NONE
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


_SAY_IT_ALL = ("cell", "data", "optimizer")
"""Settings whose value says by itself which setting it is of."""


def setting_in_words(name: str, value: Any, nouns: Nouns = REVIEWS) -> str:
    """A setting and its value as part of a sentence.

    >>> setting_in_words("vocab_size", 5_000), setting_in_words("exact", False)
    ('vocabulary size 5,000', 'no fixed number of threads')
    >>> setting_in_words("data", "language-parity"), setting_in_words("cell", "gru")
    ('parity', 'GRU')
    """
    if name in _SAY_IT_ALL:
        return value_in_words(value)
    label = _label_in_words(name, nouns)
    if isinstance(value, bool) or value == "":
        return label if value else f"no {label}"
    return f"{label} {value_in_words(value)}"


def difference_in_words(name: str, values: Iterable[Any]) -> str:
    """A setting and its values in two runs or more, as part of a sentence.

    >>> difference_in_words("vocab_size", (20_000, 5_000)), difference_in_words("label_odds", (True, False))
    ('vocabulary size (20,000 and 5,000)', 'label odds (on and off)')
    """
    return f"{_label_in_words(name, REVIEWS)} ({' and '.join(map(value_in_words, values))})"


def replacement_in_words(name: str, value: Any, old: Any, nouns: Nouns = REVIEWS) -> str:
    """A setting, its value, and the value that it is in place of, as part of a sentence.

    >>> replacement_in_words("vocab_size", 20_000, 5_000), replacement_in_words("cell", "lstm", "gru")
    ('vocabulary size 20,000 in place of 5,000', 'cell LSTM in place of GRU')
    """
    return f"{_label_in_words(name, nouns)} {value_in_words(value)} in place of {value_in_words(old)}"


def _label_in_words(name: str, nouns: Nouns) -> str:
    return _IN_SENTENCES.get(name) or all_settings(nouns)[name].label.lower()


_INGREDIENTS = {
    "teachers": ("teachers",),
    "adversarial": ("adversarial",),
    "short texts too": ("excerpts", "snippets", "composed"),
    "label odds": ("label_odds",),
    "bigrams": ("bigrams", "counted_bigrams"),
}
"""Parts of a training, the most telling first: in words, and the settings of which one turns it on."""
_NAMED = 2  # ingredients that are named
_DROPOUTS = ("embedding_dropout", "layer_dropout", "head_dropout", "word_dropout")
_NOISE = {"seed", *OF_THE_MACHINE} - {"precision"}  # which alone may change a score by more than noise


def network_in_words(network: ModelConfig) -> str:
    """Name a network by its cell and its size.

    >>> network_in_words(ModelConfig(cell="lstm", hidden_size=128, layers=2, bidirectional=True))
    'an LSTM with 128 units in each direction in each of 2 layers'
    """
    units = "units" if network.hidden_size > 1 else "unit"
    said = f"{network.declared.noun} with {network.hidden_size:,} {units}"
    if network.bidirectional:
        said += " in each direction"
    return f"{said} in each of {network.layers} layers" if network.layers > 1 else said


BESIDE_TEXTS = {
    "excerpts": "excerpts",
    "snippets": "short parts of {texts}",
    "composed": "composed sentences",
    "teachers": "the answers of other networks",
}
"""Settings by which a network learns from more than whole texts, and what that is."""


def lessons_of(config: RunConfig) -> list[str]:
    """Return the lessons of a network: its texts, and what was beside them.

    >>> lessons_of(RunConfig().with_settings(excerpts=0.5, snippets=20_000))
    ['reviews of IMDB', 'excerpts', 'short parts of reviews']
    """
    values, nouns = config.values(), config.corpus.nouns
    beside = [nouns.fill(words) for name, words in BESIDE_TEXTS.items() if values[name]]
    return [config.corpus.lessons, *beside]


_WINDOWS = {"first": "", "all": "windows of ", "carried": "carried on in windows of "}


def recipe_in_words(config: RunConfig) -> str:
    """Describe what a network reads, and what is most telling of its training.

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
    tokens = f"{_WINDOWS[config.text.windows]}{config.text.max_length:,} tokens"
    reads = f"generated {corpus.nouns.texts}" if corpus.is_generated else tokens
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
    """True if two networks were trained alike but for their cells, so that their scores compare these.

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
    cells = {unnamed(config.model.variant) for config in configs}
    if len(cells) < 2 or all(have_same_recipe(first, other) for other in others):
        return ""
    return "Their recipes differ, so these scores may not be compared as those of cells."
