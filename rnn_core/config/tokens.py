"""Rules that cut the texts of a corpus into tokens: a choice of the corpus, which its networks keep."""

from dataclasses import dataclass

from rnn_core.config.setting import Settings, setting


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

    @property
    def noun(self) -> str:
        """The name of a token, which a network reads at one time step: a word, or a character."""
        return _WRITTEN[self.unit][0]

    @property
    def gap(self) -> str:
        """The text between two tokens that are written one after the other."""
        return _WRITTEN[self.unit][1]


_WRITTEN = {"words": ("word", " "), "characters": ("character", "")}

WORDS = TokenRules()
"""The rules of IMDB and of the verdict corpus."""
