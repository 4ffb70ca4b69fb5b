"""One review through every step on its way into a network: what each step makes of it."""

from dataclasses import dataclass, replace

from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.text.tokenizer import clean
from rnn_core.text.vocabulary import PAD_ID, Vocabulary
from rnn_core.text.window import ReadReview, read_review, room_for_words, truncate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSteps:
    """A review after each of the steps; what was unknown or cut is in `review`."""

    raw: str
    """As it was written."""
    cleaned: str
    """In the one spelling that tokens are cut from."""
    tokens: tuple[str, ...]
    ids: tuple[int, ...]
    """The id of every token."""
    truncated: tuple[int, ...]
    """The ids that are left after the cut."""
    padded: tuple[int, ...]
    """`<start>` put on and filled up to the maximum length."""
    review: ReadReview
    """The same as the inspection of a network knows it."""

    @property
    def padding(self) -> int:
        """How many places of the maximum length are filled up."""
        return self.padded.count(PAD_ID)


def steps_of(text: str, vocabulary: Vocabulary, config: TextConfig, rules: TokenRules = WORDS) -> ReviewSteps:
    """Clean, tokenize, look up, cut and fill up a text. Padding is put on whether or not it is skipped.

    >>> words = Vocabulary.from_counts({"great": 3, "end": 2}, size=10)
    >>> steps = steps_of("A slow start.<br />Great END", words, TextConfig(max_length=4))
    >>> steps.cleaned, steps.ids, steps.truncated, steps.padded
    ('a slow start. great end', (2, 2, 2, 3, 4), (2, 3, 4), (1, 2, 3, 4))
    """
    review = read_review(text, vocabulary, replace(config, skip_padding=False), rules)
    ids = tuple(vocabulary.encode(review.tokens))
    return ReviewSteps(
        raw=text,
        cleaned=clean(text, rules),
        tokens=review.tokens,
        ids=ids,
        truncated=tuple(truncate(ids, room_for_words(config), config.truncation)),
        padded=review.ids,
        review=review,
    )
