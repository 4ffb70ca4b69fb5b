"""Names of runs: one name, wherever they are shown."""

import contextlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from rnn_core.config.run import RunConfig
from rnn_core.config.words import setting_in_words
from rnn_core.data.sources import recommendation
from rnn_core.errors import DataError
from rnn_core.symbols import KINDS

_MOST_SETTINGS = 3
_OF_CORPUS = (
    "vocab_size max_length batch_size reviews epochs embedding_dropout head_dropout label_odds hidden_size "
    "learning_rate bigrams counted_bigrams"
).split()
"""Settings that follow from a corpus of the user's own: once it is gone, nobody knows which were changed."""
_ASKED_FOR = ("hidden_size", "vocab_size", "max_length", "epochs", "learning_rate", "seed")
_LONG = 24  # characters that a control or a table has room for

_MARKS = ",;:"
_WORTH = 8  # so many characters less are worth a gap in a name

_OF_ID = 4  # characters at the end of an id that tell it from others


def network_name(config: RunConfig) -> str:
    """Cell and reviews, such as "GRU on verdict corpus"."""
    return f"{KINDS[config.model.cell].name} on {config.corpus.title}"


def run_title(run_id: str, name: str, config: RunConfig) -> str:
    """The name of a run; else its network, some settings that are not the default ones, the end of its id."""
    if name:
        return name
    usual, unsaid = _usual(config)
    changed, nouns = config.differences(usual), config.corpus.nouns
    said = [
        setting_in_words(setting, value, nouns) for setting, value in changed.items() if setting not in unsaid
    ]
    more = len(said) - _MOST_SETTINGS
    rest = [f"{more} more"] if more > 0 else []
    return f"{', '.join([network_name(config), *said[:_MOST_SETTINGS], *rest])} · {run_id[-_OF_ID:]}"


def setting_details(config: RunConfig) -> str:
    """Describe the settings that a network was trained with: the usual questions, then unusual ones.

    >>> setting_details(RunConfig().with_settings(hidden_size=8, patience=2))  # doctest: +ELLIPSIS
    'hidden size 8, vocabulary size ..., seed 0, ..., early stop after 2'
    """
    usual, unsaid = _usual(config)
    others = [name for name in config.differences(usual) if name not in (*_ASKED_FOR, *unsaid)]
    values, nouns = config.values(), config.corpus.nouns
    return ", ".join(setting_in_words(name, values[name], nouns) for name in (*_ASKED_FOR, *others))


def _usual(config: RunConfig) -> tuple[RunConfig, tuple[str, ...]]:
    """The settings to start from on the corpus of a run, and those of which its name says nothing."""
    with contextlib.suppress(DataError):
        usual = recommendation(config.data).config  # of each corpus it is found once, then kept
        if (usual.classes, usual.tokens) == (config.classes, config.tokens):
            return usual, ("cell",)
    return RunConfig(), ("cell", *_OF_CORPUS)


def distinct_names(names: Mapping[str, str]) -> dict[str, str]:
    """Id -> name, no name twice: where several have the same, the end of the id stands behind it.

    >>> distinct_names({"a-1111": "Vanishing", "a-2222": "Vanishing", "a-3333": "first try"})
    {'a-1111': 'Vanishing · 1111', 'a-2222': 'Vanishing · 2222', 'a-3333': 'first try'}
    """
    count = Counter(names.values())
    apart = {of: f"{name} · {of[-_OF_ID:]}" if count[name] > 1 else name for of, name in names.items()}
    still = Counter(apart.values())  # a user may have written such an end
    return {of: f"{names[of]} · {of}" if still[name] > 1 else name for of, name in apart.items()}


def short_names(names: Sequence[str]) -> list[str]:
    """Names as a list shows them: long ones without the words that all share, and of those that begin alike
    only the first word and the part in which they differ. Different names stay different.

    >>> short_names(["recipe, seed 0: cell gru, hidden size 16", "recipe, seed 0: cell elman", "my run"])
    ['recipe … gru, hidden size 16', 'recipe … elman', 'my run']
    """
    if max(map(len, names), default=0) <= _LONG:
        return list(names)
    parts = differing_parts(names)
    groups: dict[str, list[int]] = defaultdict(list)
    for place, part in enumerate(parts):
        groups["".join(part.split()[:1])].append(place)
    short = list(parts)
    for first, places in groups.items():
        alike = [parts[place] for place in places]
        for place, own in zip(places, differing_parts(alike), strict=True):
            cut = f"{first.rstrip(_MARKS)} … {own}"
            if len(parts[place]) > _LONG and len(cut) <= len(parts[place]) - _WORTH:
                short[place] = cut
    count = Counter(short)
    return [own if count[own] == 1 else part for own, part in zip(short, parts, strict=True)]


def differing_parts(names: Sequence[str]) -> list[str]:
    """Each name without the words that all begin with and those that all end with.

    At least a word of each stays, and different names stay different; before numbers alone stands their word.

    >>> differing_parts(["recipe, seed 0: cell gru, 5 epochs", "recipe, seed 0: cell lstm, 5 epochs"])
    ['gru', 'lstm']
    >>> differing_parts(["recipe, seed 0: cell gru", "recipe, seed 1: cell gru"])
    ['seed 0', 'seed 1']
    >>> differing_parts(["long memory", "long memory 2"])
    ['memory', 'memory 2']
    """
    words = [name.split() for name in names]
    if len(set(names)) < 2 or not all(words):
        return list(names)
    first = _shared([line[:-1] for line in words])
    last = _shared([line[:first:-1] for line in words])
    kept = [line[first : len(line) - last] for line in words]
    if first and all(len(line) == 1 and line[0].rstrip(_MARKS).isdecimal() for line in kept):
        kept = [line[first - 1 : len(line) - last] for line in words]
    parts = [" ".join(line) for line in kept]
    bare = [part.rstrip(_MARKS) for part in parts]
    return bare if all(bare) and len(set(bare)) == len(set(parts)) else parts


def _shared(lines: Sequence[Sequence[str]]) -> int:
    """Count the words that all lines begin with."""
    most = min(map(len, lines))
    return next((at for at in range(most) if len({line[at] for line in lines}) > 1), most)
