"""The verdict corpus: generated movie reviews whose label follows from one stated rule.

The rule: **the last verdict decides.** A review is plot, which carries no opinion, and one or two
verdicts. A verdict is as positive as its opinion word, turned around when a negation applies to
that word. The label is the verdict that comes last in the text; nothing else counts.

    kind        what the review holds                                        who can label it
    start       one plain verdict, then plot                                 a bag of words
    middle      plot, one plain verdict, plot                                a bag of words
    end         plot, then one plain verdict                                 a bag of words
    overruled   an early verdict, plot, a late verdict that contradicts it   a reader of order
    negation    one verdict beside a negation that turns it around, or that  a reader of order
                concerns something else ("I did not see it alone, and ...")
    but         two verdicts that disagree in one turn of phrase; the one    a reader of order
                after the turn decides ("The acting is dull, but ...")
    distance    one plain verdict at a set number of words before the end    a bag of words

In the kinds where order decides, each opinion word is as often in a positive review as in a negative
one, so counting words cannot tell them apart.

verdict.toml has the words and the patterns. A pattern is one or two sentences with slots, and each slot takes
exactly one word, so a pattern's length in words is known before it is filled:

- `{place}`: a neutral word, drawn again for each sentence (NEUTRAL_WORDS).
- `{hero}`: a word that stays the same throughout a review (CAST_WORDS).
- `{adj}`: an opinion word of the verdict that the pattern speaks; `{!adj}` an opinion word of the
  opposite verdict (OPINION_WORDS: the positive words, then the negative ones).

So `It is {adj}.` and `It is not {!adj}.` speak the same verdict. Each split has patterns of its own; what
they say in validation or test is said with opinion words, negations and turns that training knows from other
patterns. In the patterns where order decides, each opinion slot stands as often for the verdict as against
it.
"""

import dataclasses
import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

from typing_extensions import override

from rnn_core.config.corpora import Preparation
from rnn_core.data.composed.writer import Grammar, SentenceWriter
from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.examples import VERDICT_EXAMPLES
from rnn_core.data.prepared import FilmReviews
from rnn_core.progress import Progress

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

PLAIN_KINDS = ("start", "middle", "end")
ORDER_KINDS = ("overruled", "negation", "but")
DISTANCE_KIND = "distance"

# In ten reviews: negation is harder to learn than the other turns, so there is more of it.
_KINDS = (*PLAIN_KINDS, *PLAIN_KINDS, *ORDER_KINDS, "negation")

# Multiples of 20: ten kinds with two labels each.
SPLIT_SIZES = {"training": 12_000, "validation": 1_200, "test": 1_200}

SHORTEST, LONGEST = 20, 400  # words of a review
_LEAST_PLOT = 8  # words of plot in a review without a set distance

# (shortest, longest) of a review in words; drawn equally often. Most reviews are short, a few long,
# so that a minute of training is enough.
_LENGTHS = ((20, 30), (20, 30), (20, 40), (20, 40), (30, 60), (30, 60), (60, 120), (120, LONGEST))

_VERDICTS = {
    "start": (PLAIN,),
    "middle": (PLAIN,),
    "end": (PLAIN,),
    "overruled": (EARLY, LATE),
    "negation": (NEGATION,),
    "but": (BUT,),
    DISTANCE_KIND: (PLAIN,),
}


def plot_sentence(rng: random.Random) -> str:
    """One sentence of plot, which carries no opinion, of those that training reviews are made of."""
    return _Writer("training", rng).fill(rng.choice(PLOT["training"]))


class VerdictReview(NamedTuple):
    """A generated review and the kind of layout it was made with."""

    review: Text
    kind: str


def generate_verdict_corpus(
    seed: int = 0, distance: int | None = None, sizes: Mapping[str, int] = SPLIT_SIZES
) -> Iterator[VerdictReview]:
    """The whole corpus, split after split: as many reviews as `sizes` say, half of them positive.

    The same seed makes the same corpus on every machine. With a `distance` all reviews are of that kind, and
    can be longer than 400 words. Raises ValueError where it is negative.
    """
    if distance is not None and distance < 0:
        raise ValueError(f"distance must be 0 or more words, got {distance}")
    kinds = _KINDS if distance is None else (DISTANCE_KIND,)
    for split, size in sizes.items():
        rng = random.Random(f"verdict {seed} {split}")
        plans = list(product(kinds, (False, True)))
        plans *= size // len(plans)
        rng.shuffle(plans)
        for kind, positive in plans:
            text = _write(kind, positive, split, distance, rng)
            yield VerdictReview(Text(text, positive, split), kind)


def _write(kind: str, positive: bool, split: str, distance: int | None, rng: random.Random) -> str:
    """One review: plot around its verdicts, the last of which speaks for the label."""
    writer = _Writer(split, rng)
    verdicts = [rng.choice(patterns[split]) for patterns in _VERDICTS[kind]]
    verdict_words = sum(len(verdict.split()) for verdict in verdicts)
    if distance is None:
        words = rng.randint(*rng.choice(_LENGTHS))
        plot_words = _share(kind, max(_LEAST_PLOT, words - verdict_words), rng)
    else:
        lacking = max(0, SHORTEST - verdict_words - distance)
        plot_words = (lacking + rng.randint(0, SHORTEST), distance)
    text = writer.plot(plot_words[0])
    for i, verdict in enumerate(verdicts):
        is_last = i == len(verdicts) - 1
        text.append(writer.fill(verdict, positive == is_last))
        text += writer.plot(plot_words[i + 1])
    return " ".join(text)


def _share(kind: str, words: int, rng: random.Random) -> tuple[int, ...]:
    """Share out the plot's words: before, between and after the verdicts."""
    if kind == "start":
        return 0, words
    if kind == "end":
        return words, 0
    if kind == "overruled":
        before, after = rng.randint(0, words // 4), rng.randint(0, words // 4)
        return before, words - before - after, after
    margin = words // 4 if kind == "middle" else 0
    before = rng.randint(margin, words - margin)
    return before, words - before


@cache
def _fitting(split: str, words: int) -> tuple[str, ...]:
    """The plot patterns of exactly so many words; where there are none, all that are shorter."""
    no_longer = tuple(pattern for pattern in PLOT[split] if len(pattern.split()) <= words)
    return tuple(pattern for pattern in no_longer if len(pattern.split()) == words) or no_longer


class _Writer(SentenceWriter):
    """Writes the sentences of one review: one cast, plot patterns repeated only when they run out."""

    def __init__(self, split: str, rng: random.Random) -> None:
        super().__init__(Grammar({}, {}, OPINION_WORDS, NEUTRAL_WORDS), rng)
        self._split = split
        self._used: set[str] = set()
        self._cast = {slot: rng.choice(words) for slot, words in CAST_WORDS.items()}
        self._drawn: list[str] = []
        """The words in the slots of a sentence so far."""

    def plot(self, words: int) -> list[str]:
        """Plot sentences that have exactly that many words together."""
        written = []
        while words:
            fitting = _fitting(self._split, words)
            fresh = [pattern for pattern in fitting if pattern not in self._used]
            pattern = self._rng.choice(fresh or fitting)
            self._used.add(pattern)
            words -= len(pattern.split())
            written.append(self.fill(pattern))
        return written

    @override
    def fill(self, pattern: str, positive: bool = True) -> str:
        """The pattern with words in its slots; a pattern of a verdict then speaks that verdict.

        >>> _Writer("training", random.Random(0)).fill("It is a {!adj} {film}.", positive=True)
        'It is a pointless picture.'
        """
        self._drawn.clear()
        text = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", super().fill(pattern, positive))
        return text[0].upper() + text[1:]

    @override
    def clause(self, name: str, positive: bool) -> str:
        word = self._cast.get(name) or super().clause(name, positive)
        while word in self._drawn and name not in self._cast:
            word = super().clause(name, positive)
        self._drawn.append(word)
        return word


_USUAL_DISTANCE, _OTHER_WORDS = 50, 20  # words of a generated review: after its verdict, and the others
_BYTES_A_WORD, _SECONDS_A_WORD = 9.3, 1.7e-6  # 50 and 200 words after the verdict: 9.3, 29.4 MB, 2.1, 5.7 s
_NO_PARTS = "a part of its reviews may lack the verdict that decides the label"


class Verdict(FilmReviews):
    """The verdict corpus as it comes, or as "verdict-50" with 50 words after each verdict."""

    kind = "verdict"
    # Fewer words than IMDB has, and the verdict may stand 400 words back.
    bare: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 2_000,
        "max_length": 400,
        "learning_rate": 1e-2,
        "verdict_distance": 0,
    }
    recommended = bare
    own_settings: ClassVar[Mapping[str, str]] = {
        "verdict_distance": "only the verdict corpus has a known place for it"
    }
    refuses: ClassVar[Mapping[str, str]] = {"excerpts": _NO_PARTS, "snippets": _NO_PARTS}
    is_generated = True
    training_texts = SPLIT_SIZES["training"]
    examples = VERDICT_EXAMPLES
    first_sentence = (
        "The music is wonderful and the acting is charming, but the film as a whole is a dull mess."
    )
    title = "verdict corpus"
    listed_as = "Verdict corpus"
    phrase = in_errors = "the verdict corpus"
    data = "verdict"

    @classmethod
    @override
    def claims(cls, name: str) -> bool:
        return re.fullmatch(r"verdict(-\d+)?", name, re.IGNORECASE) is not None

    @property
    def distance(self) -> int | None:
        """Words after each verdict; None where they are many."""
        _, _, words = self.name.partition("-")
        return int(words) if words else None

    @override
    def of_run(self, settings: Mapping[str, Any]) -> Self:
        distance = settings["verdict_distance"]
        return dataclasses.replace(self, name=f"verdict-{distance}") if distance else self

    @override
    def preparation(self) -> Preparation:
        words = sum(SPLIT_SIZES.values()) * ((self.distance or _USUAL_DISTANCE) + _OTHER_WORDS)
        what = f"The verdict corpus with {self.distance or 0:,} words after each verdict"
        return Preparation(what, round(words * _BYTES_A_WORD), words * _SECONDS_A_WORD)

    @override
    def written(self, sizes: Mapping[str, int]) -> Iterator[Text]:
        return (made.review for made in generate_verdict_corpus(distance=self.distance, sizes=sizes))

    @override
    def build(self, path: Path | None) -> Iterator[Progress]:
        made = generate_verdict_corpus(distance=self.distance)
        total = sum(SPLIT_SIZES.values())
        return build_corpus(self.name, (one.review for one in made), self.folder, total)


KIND = Verdict
