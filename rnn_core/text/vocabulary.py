"""The words a network can distinguish, and the number of each.

Ids 0, 1 and 2 belong to the special tokens; real words follow, the most frequent first. A special
token's angle brackets keep it apart from every real word, since no token contains one.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Self

PAD, START, UNK, END = "<pad>", "<start>", "<unk>", "<end>"
PAD_ID, START_ID, UNK_ID, END_ID = 0, 1, 2, 3
SPECIAL_TOKENS = (PAD, START, UNK)
"""The special tokens of every vocabulary; one that predicts the next token has `END` after them."""
LONGEST_WORD = 2_000
"""The characters of the longest word; a review may hold one without a blank for a whole page."""


# What ends a line, can't be seen in it or can't be kept in UTF-8, and what would be read as one of these.
_ESCAPED = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]|\\(?=u\{)")
_ESCAPE = re.compile(r"\\u\{(0|[1-9a-f][0-9a-f]{0,4}|10[0-9a-f]{4})\}")


def line_of(word: str) -> str:
    r"""The word as a line of a file: white space and control characters by their numbers in base 16.

    >>> print(line_of("\n"), line_of("a"), line_of(r"\u{a}"))
    \u{a} a \u{5c}u{a}
    """
    return _ESCAPED.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", word)


def word_of(line: str) -> str:
    """The inverse of `line_of`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), line)


class VocabularyError(ValueError):
    """A list of words that can't be a vocabulary; the message says why."""


class Vocabulary:
    """Word <-> id, both ways. `len(vocabulary)` is V, the special tokens included."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take all words in the order of their ids, beginning with the special tokens."""
        self.words = tuple(words)
        self._id_of = {word: number for number, word in enumerate(self.words)}
        if self.words[: len(SPECIAL_TOKENS)] != SPECIAL_TOKENS:
            raise VocabularyError(f"a vocabulary must begin with {', '.join(SPECIAL_TOKENS)}")
        if len(self._id_of) != len(self.words):
            raise VocabularyError("a vocabulary must not name a word twice")

    @classmethod
    def from_counts(
        cls, counts: Mapping[str, int], size: int, specials: tuple[str, ...] = SPECIAL_TOKENS
    ) -> Self:
        """The special tokens and the most frequent words, `size` together at most.

        Words equally frequent come in the order of the alphabet, so the result depends on the
        counts alone, never on the order in which they were counted.

        >>> Vocabulary.from_counts({"plot": 2, "the": 9, "film": 2}, size=5).words
        ('<pad>', '<start>', '<unk>', 'the', 'film')
        """
        by_frequency = sorted(counts, key=lambda word: (-counts[word], word))
        return cls(specials + tuple(by_frequency[: max(size - len(specials), 0)]))

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._id_of

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """The id of each token; UNK_ID for one that is not in the vocabulary.

        >>> Vocabulary.from_counts({"the": 9, "film": 2}, size=5).encode(["the", "zither", "film"])
        [3, 2, 4]
        """
        return [self._id_of.get(token, UNK_ID) for token in tokens]

    def to_text(self) -> str:
        """One word a line, as `line_of` writes it, in the order of the ids."""
        return "\n".join(map(line_of, self.words)) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The inverse of `to_text`. Raises VocabularyError."""
        *lines, rest = text.split("\n")
        words = tuple(map(word_of, lines))
        if rest:
            raise VocabularyError(f"a vocabulary must end with the end of a line, got {rest[:60]!r}")
        for number, word in enumerate(words, 1):
            if not 1 <= len(word) <= LONGEST_WORD or line_of(word) != lines[number - 1]:
                raise VocabularyError(
                    f"line {number:,} of a vocabulary must be a word of 1 to {LONGEST_WORD:,} characters, "
                    f"got {word[:60]!r}{f' and {len(word) - 60:,} more' if len(word) > 60 else ''}"
                )
        return cls(words)
