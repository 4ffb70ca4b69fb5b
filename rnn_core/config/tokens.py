"""Rules that cut the texts of a corpus into tokens: a choice of the corpus, which its networks keep."""

from dataclasses import asdict, dataclass
from typing import Any

from rnn_core.config.setting import Settings, setting
from rnn_core.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules(Settings):
    """The rules of a token."""

    unit: str = setting("words", choices=("words", "characters"))
    """Tokens. What the network reads at one time step: a word, or a character. Characters suit scripts that
    put no spaces between words, and show a network spell.
    """
    lowercase: bool = setting(True)
    """Lower case. Whether capital letters are read as small ones, so that a word at the beginning of a
    sentence is the same word as elsewhere.
    """
    accents: str = setting("keep", choices=("keep", "strip"))
    """Accents. Whether accents and other marks on letters are kept, or stripped, so that café and cafe are
    the same word.
    """
    exact: bool = setting(False)
    """Exact. Whether nothing is dropped or folded: blanks, new lines, signs and capital letters are tokens,
    too, so that a network can write texts like those it learned from. Goes with capital letters and accents
    as they are written.
    """

    def __post_init__(self) -> None:
        Settings.__post_init__(self)
        if self.exact and (self.lowercase or self.accents != "keep"):
            folded = "capital letters read as small ones" if self.lowercase else "accents stripped"
            raise ConfigError(
                f"Exact tokens keep a text as it is written, got {folded}. Switch that off, or exact."
            )

    def to_dict(self) -> dict[str, Any]:
        """A dictionary that JSON can hold; `exact` is left out where it is off, as before there was any."""
        return {name: value for name, value in asdict(self).items() if name != "exact" or value}

    @property
    def noun(self) -> str:
        """The name of a token, which a network reads at one time step: a word, or a character."""
        return _WRITTEN[self.unit][0]

    @property
    def in_words(self) -> str:
        """The tokens in a sentence, such as "exact characters"."""
        return f"exact {self.unit}" if self.exact else self.unit

    @property
    def gap(self) -> str:
        """The text between two tokens that are written one after the other."""
        return "" if self.exact else _WRITTEN[self.unit][1]


_WRITTEN = {"words": ("word", " "), "characters": ("character", "")}

WORDS = TokenRules()
"""The rules of IMDB and of the verdict corpus."""
EXACT_CHARACTERS, EXACT_WORDS = (
    TokenRules(unit=unit, lowercase=False, exact=True) for unit in ("characters", "words")
)
"""The rules of texts to write like: the tokens of a text, joined, are the text in NFC again."""
