"""What a score on the probes is worth, in sentences for people."""

from rnn_core.data.composed.overlap import overlap, sentences_within
from rnn_core.data.probes.nearness import NEAR
from rnn_core.data.probes.pairs import (
    DEVELOPMENT,
    PHENOMENA,
    REPORTED,
    STRICT,
    THIRD,
    pairs,
    texts_without_opinion,
)


def about(name: str) -> str:
    """What a set of the probes is, in a few sentences."""
    return _ABOUT[name]()


def what_is_shared() -> str:
    """How much probes and composed sentences have in common, for both halves."""
    shared, sentences = overlap(), 2 * len(pairs(REPORTED))
    word_for_word, one, two = (f"{sentences_within(words, REPORTED):,}" for words in range(3))
    return (
        "Some networks learn from composed sentences, too: short opinions that patterns write. These have "
        "much in common with the probes. "
        f"{shared.families_of_phenomena} of the {shared.families} families of composed sentences are the "
        f"{len(PHENOMENA)} phenomena of the halves. {shared.patterns_of_probes:,} of their "
        f"{shared.patterns:,} patterns can write a sentence with the pattern of a probe, which is then drawn "
        f"again. Of the {sentences:,} reported sentences these patterns can write {word_for_word} word for "
        f"word, {one} with at most one word changed and {two} with at most two. The halves share "
        f"{shared.words_of_halves:,} words with a meaning of their own and {shared.texts_of_halves:,} texts "
        "without an opinion. Settings are chosen on the development half; whether anyone looked at the "
        "reported half can't be known."
    )


def _about_strict() -> str:
    kept, texts = len(pairs(STRICT)), len(texts_without_opinion(STRICT))
    return (
        f"The strict part of the reported half: the {kept:,} of its {len(pairs(REPORTED)):,} pairs whose "
        f"sentences both differ by more than {NEAR} words from all that the patterns of composed sentences "
        f"can write, and the {texts:,} texts without an opinion that the development half does not have."
    )


def _about_reported() -> str:
    return (
        "No setting was chosen on the reported half. "
        f"{sentences_within(1, REPORTED):,} of its {2 * len(pairs(REPORTED)):,} sentences differ by at most "
        "one word from one that the patterns of composed sentences can write."
    )


def _about_third() -> str:
    return (
        "The third set asks for other phenomena. Its author had seen neither half and no composed sentence, "
        f"and nothing is chosen on it. {sentences_within(NEAR, THIRD):,} of its {2 * len(pairs(THIRD)):,} "
        f"sentences still differ by at most {NEAR} words from one that the patterns of composed sentences "
        "can write."
    )


def _about_development() -> str:
    return "Settings of networks were chosen on the development half: it may flatter them."


_ABOUT = {
    STRICT: _about_strict,
    REPORTED: _about_reported,
    THIRD: _about_third,
    DEVELOPMENT: _about_development,
}
