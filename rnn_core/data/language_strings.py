"""Corpora of strings of a made-up language: "language-reber", "language-delay-k100"."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Self

from typing_extensions import override

from rnn_core.config.corpora import Recommended, worded
from rnn_core.config.identity import Identity
from rnn_core.config.nouns import Nouns
from rnn_core.config.tasks import NEXT_SYMBOL
from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import SPLITS, Text, build_corpus
from rnn_core.data.prepared import PreparedCorpus
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.languages.language import Language
from rnn_core.progress import Progress
from rnn_core.text.vocabulary import SPECIAL_TOKENS

_PREFIX = "language-"
_MOST_TRAINING, _HELD_OUT = 20_000, 1_000  # strings
_MOST_SYMBOLS = 1_000_000  # of the training strings, so that preparing takes a second
_MEASURED = 100  # strings of which the mean length is taken
_NO_PARTS = "a part of a string is no string of the language"


class LanguageStrings(PreparedCorpus):
    """Strings of one language. All are of one class, which nobody is asked for."""

    kind = "language"
    offer = "strings of a made-up language"
    nouns = Nouns("string", "strings")
    identity = Identity(("string",), TokenRules(unit="characters", lowercase=False))
    task = NEXT_SYMBOL
    bare: ClassVar[Mapping[str, Any]] = {"hidden_size": 32, "embedding_size": 16}
    recommended: ClassVar[Mapping[str, Any]] = {**bare, "weight_decay": 0.0}
    kept_in_bare = ("vocab_size", "max_length")
    refuses: ClassVar[Mapping[str, str]] = {
        "composed": "strings are no opinions about films",
        "excerpts": _NO_PARTS,
        "snippets": _NO_PARTS,
    }
    is_generated = splits_overlap = True
    reads = "a string\nand says what comes next"
    data = worded(f"{_PREFIX}{{0.language.full_name}}")
    title = worded("{0.language.label}")
    in_names = worded("{0.language.full_name}")
    phrase = worded("the language {0.language.label}")
    listed_as = worded("language {0.title}")
    text_like_these = worded("a {0.nouns.text} of {0.phrase}")
    how_to_get_it = "each is written on this machine when it is first asked for, in a second or two."

    @classmethod
    @override
    def claims(cls, name: str) -> bool:
        prefix, _, language = name.casefold().partition("-")
        return f"{prefix}-" == _PREFIX and language.partition("-")[0] in LANGUAGES

    @classmethod
    @override
    def offered(cls) -> Sequence[str]:
        return tuple(f"{_PREFIX}{name}" for name in LANGUAGES)

    @classmethod
    @override
    def together(cls) -> str:
        return f"{len(LANGUAGES)} made-up languages"

    @property
    @override
    def language(self) -> Language:
        """The language with the options in the name. Raises ConfigError in words where these can't be."""
        return language_named(self.name.casefold().removeprefix(_PREFIX))

    @override
    def with_options(self, options: Mapping[str, int]) -> Self:
        language = replace(self.language, **options)
        return replace(self, name=f"{_PREFIX}{language.full_name}")

    @override
    def recommendation(self) -> Recommended:
        language = self.language
        own = {
            "vocab_size": len(SPECIAL_TOKENS) + len(language.predicted),
            "max_length": language.length(language.longer_sizes[-1]) + 1,  # and <start>
            "learning_rate": language.learning_rate,
            "epochs": language.epochs,
        }
        return Recommended({**self.recommended, **own}, self.identity)

    @property
    @override
    def sizes(self) -> Mapping[str, int]:
        language, rng = self.language, Random(0)
        mean_length = sum(len(language.draw(rng)) for _ in range(_MEASURED)) / _MEASURED
        training = min(_MOST_TRAINING, int(_MOST_SYMBOLS / mean_length))
        return dict(zip(SPLITS, (training, _HELD_OUT, _HELD_OUT), strict=True))

    @override
    def written(self, sizes: Mapping[str, int]) -> Iterator[Text]:
        """All its strings, drawn by the law of the training strings, split after split."""
        language = self.language
        for split, size in sizes.items():
            rng = Random(f"{language.full_name} 0 {split}")
            for _ in range(size):
                yield Text(language.draw(rng), 0, split)

    def longer(self, strings: int) -> tuple[str, ...]:
        """Strings that are longer than those a network learned from, to test it with."""
        rng = Random(f"{self.language.full_name} 0 longer")
        return tuple(self.language.draw_longer(rng) for _ in range(strings))

    @override
    def build(self, path: Path | None) -> Iterator[Progress]:
        strings, total = self.written(self.sizes), sum(self.sizes.values())
        return build_corpus(self.name, strings, self.folder, total, self.identity)


KIND = LanguageStrings
