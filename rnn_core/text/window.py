"""The window of a review that the network gets to see: truncation, `<start>` and padding.

Sides are named as Keras names them: `pre` is the front, `post` the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.text.tokenizer import clean, tokenize
from rnn_core.text.vocabulary import PAD_ID, START_ID, UNK_ID, Vocabulary

Token = TypeVar("Token")

MOST_AT_ONCE = 10_000
"""The time steps that are read of a text by a network that reads all of it, so that memory is bounded."""


def kept_part(length: int, room: int, side: str) -> slice:
    """Return the part of `length` tokens that stays when there is room for `room`, cut at `side`.

    >>> kept_part(5, 3, "pre"), kept_part(5, 3, "post"), kept_part(2, 3, "pre")
    (slice(2, 5, None), slice(0, 3, None), slice(0, 2, None))
    """
    kept = min(length, room)
    return slice(length - kept, length) if side == "pre" else slice(0, kept)


def truncate(tokens: Sequence[Token], room: int, side: str) -> Sequence[Token]:
    """Cut a review to at most `room` tokens, at its front or its end.

    >>> truncate(["slow", "start", "great", "end"], 2, "pre")
    ['great', 'end']
    >>> truncate(["slow", "start", "great", "end"], 2, "post")
    ['slow', 'start']
    """
    return tokens[kept_part(len(tokens), room, side)]


def pad(tokens: Sequence[Token], length: int, side: str, filler: Token) -> list[Token]:
    """Fill a review up to `length` tokens, at its front or its end.

    >>> pad(["great", "end"], 4, "pre", "<pad>")
    ['<pad>', '<pad>', 'great', 'end']
    >>> pad(["great", "end"], 4, "post", "<pad>")
    ['great', 'end', '<pad>', '<pad>']
    """
    filling = [filler] * max(length - len(tokens), 0)
    return [*filling, *tokens] if side == "pre" else [*tokens, *filling]


def room_for_words(config: TextConfig) -> int:
    """Return the number of words of a review that fit, since `<start>` counts in the maximum length.

    Where a network reads all of a text, it is what is read of a text at once: `MOST_AT_ONCE`.
    """
    return (MOST_AT_ONCE if config.reads_all else config.max_length) - int(config.start_token)


def window(ids: Sequence[int], config: TextConfig) -> list[int]:
    """The ids a network reads of a review: cut, `<start>` put on, filled up where padding is read.

    With 0 for `<pad>` and 1 for `<start>`:

    >>> window([7, 8, 9], TextConfig(max_length=3))
    [1, 8, 9]
    >>> window([7], TextConfig(max_length=3, skip_padding=False, padding="pre"))
    [0, 1, 7]
    >>> window([7], TextConfig(max_length=3, skip_padding=False, padding="post"))
    [1, 7, 0]

    A window that would be empty holds one `<pad>`, since a network reads at least one time step.
    """
    kept = list(truncate(ids, room_for_words(config), config.truncation))
    started = [START_ID, *kept] if config.start_token else kept
    return pad(started, 1 if config.skip_padding else config.max_length, config.padding, PAD_ID)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReview:
    """One review as a network saw it."""

    tokens: tuple[str, ...]
    """All tokens of the text."""
    kept: slice
    """The part of them that is in the window; the others were cut off."""
    unknown: tuple[bool, ...]
    """True for each of them that is missing in the vocabulary."""
    window: tuple[str, ...]
    """The token at each time step, special tokens included; T of them."""
    ids: tuple[int, ...]
    """The id of each of these tokens; T of them."""


def read_review(
    text: str, vocabulary: Vocabulary, config: TextConfig, rules: TokenRules = WORDS
) -> ReadReview:
    """Tokenize a text, look its tokens up and lay the window over it.

    >>> words = Vocabulary.from_counts({"great": 3, "end": 2}, size=10)
    >>> review = read_review("A slow start. Great end", words, TextConfig(max_length=4))
    >>> review.window, review.kept, review.ids
    (('<start>', '<unk>', 'great', 'end'), slice(2, 5, None), (1, 2, 3, 4))
    """
    return read_tokens(tokenize(text, rules), vocabulary, config)


def read_tokens(tokens: Sequence[str], vocabulary: Vocabulary, config: TextConfig) -> ReadReview:
    """Look up tokens into which a text was cut before, and lay the window over them."""
    ids = vocabulary.encode(tokens)
    seen = window(ids, config)
    return ReadReview(
        tokens=tuple(tokens),
        kept=kept_part(len(tokens), room_for_words(config), config.truncation),
        unknown=tuple(number == UNK_ID for number in ids),
        window=tuple(vocabulary.words[number] for number in seen),
        ids=tuple(seen),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSteps:
    """A review after each of the steps; what was unknown or cut is in `review`."""

    cleaned: str
    """The text in the one spelling that tokens are cut from."""
    ids: tuple[int, ...]
    """The id of every token."""
    review: ReadReview
    """The review as it is read: its ids begin with `<start>`, and are filled up to the maximum length."""


def steps_of(text: str, vocabulary: Vocabulary, config: TextConfig, rules: TokenRules = WORDS) -> ReviewSteps:
    """Clean, tokenize, look up, cut and fill up a text. Padding is put on whether or not it is skipped.

    >>> words = Vocabulary.from_counts({"great": 3, "end": 2}, size=10)
    >>> steps = steps_of("A slow start.<br />Great END", words, TextConfig(max_length=4))
    >>> steps.cleaned, steps.ids, steps.ids[steps.review.kept], steps.review.ids
    ('a slow start. great end', (2, 2, 2, 3, 4), (2, 3, 4), (1, 2, 3, 4))
    """
    review = read_review(text, vocabulary, replace(config, skip_padding=False), rules)
    return ReviewSteps(cleaned=clean(text, rules), ids=tuple(vocabulary.encode(review.tokens)), review=review)
