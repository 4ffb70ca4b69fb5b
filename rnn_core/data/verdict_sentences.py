"""The sentences and words that the verdict corpus is made of, as verdict.toml has them.

A pattern is one or two sentences with slots, and each slot takes exactly one word, so a pattern's
length in words is known before it is filled. There are three sorts of slots:

- `{place}`: a neutral word, drawn again for each sentence (NEUTRAL_WORDS).
- `{hero}`: a word that stays the same throughout a review (CAST_WORDS).
- `{adj}`: an opinion word of the verdict that the pattern speaks; `{!adj}` an opinion word of the
  opposite verdict (OPINION_WORDS: the positive words, then the negative ones).

So `It is {adj}.` and `It is not {!adj}.` speak the same verdict. An `a` before a vowel becomes
`an` when a pattern is filled. A pattern that names an opinion outside a slot would be a mistake.

Each split has patterns of its own. What a pattern of validation or test says is said with opinion
words, negations and turns that training knows from other patterns. In the patterns where order
decides, each opinion slot stands as often for the verdict as against it.
"""

import tomllib
from pathlib import Path

_WRITTEN = tomllib.loads(Path(__file__).with_name("verdict.toml").read_text(encoding="utf-8"))


def _tuples(table: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(words) for name, words in table.items()}


CAST_WORDS = _tuples(_WRITTEN["cast"])
NEUTRAL_WORDS = _tuples(_WRITTEN["neutral"])
OPINION_WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    slot: (tuple(words["positive"]), tuple(words["negative"])) for slot, words in _WRITTEN["opinion"].items()
}
PLOT, PLAIN, EARLY, LATE, NEGATION, BUT = (
    _tuples(_WRITTEN[sort]) for sort in ("plot", "plain", "early", "late", "negation", "but")
)
"""Patterns by the split that they are of."""
