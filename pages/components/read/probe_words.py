"""What the probes are and what networks understand, in sentences."""

from collections.abc import Mapping, Sequence

from pages.components.shared.format import literal
from rnn_core.data.composed.overlap_words import about
from rnn_core.data.probes.pairs import Pair
from rnn_core.models.probing import UNDECIDED, ProbeScores


def what_is_asked(pairs: Sequence[Pair], probes: str) -> str:
    """Where the pairs come from, what is right, and what counting words can't do."""
    in_order = sum(pair.differs_in_order_alone for pair in pairs)
    return (
        "Pairs of sentences that differ in little and in their verdict, written for this project in the "
        f"manner of CheckList (Ribeiro et al., 2020). {about(probes)} A sentence is right where its "
        "verdict gets more than 50%, a pair where both its sentences are right. In "
        f"{in_order:,} of the {len(pairs):,} pairs both sentences have the same words in another order: "
        "counting words can't set these apart."
    )


def what_it_understands(name: str, scores: ProbeScores) -> str:
    """How many of all pairs a network gets right, and the phenomena at which it is best and worst."""
    right = scores.right_pairs
    sentence = (
        f"**{literal(name)}** gets {scores.sentences:.0%} of the sentences and {scores.whole_pairs:.0%} of "
        f"the pairs right ({right.sum():,} of {len(right):,})"
    )
    by_title = {title: scores.of(key) for key, title in scores.phenomena.items()}
    shares = [some.whole_pairs for some in by_title.values()]
    if min(shares) == max(shares):
        return f"{sentence}, the same share at every phenomenon."
    return f"{sentence}: best at {_at(by_title, max(shares))}, worst at {_at(by_title, min(shares))}."


def _at(by_title: Mapping[str, ProbeScores], share: float) -> str:
    """The phenomena of which this share of the pairs is right."""
    (title, some), *others = ((title, some) for title, some in by_title.items() if some.whole_pairs == share)
    if others:
        noun = "other" if len(others) == 1 else "others"
        return f"*{title}* and {len(others)} {noun} ({share:.0%} of the pairs of each)"
    return f"*{title}* ({some.right_pairs.sum()} of {len(some.pairs)} pairs)"


def without_opinion(undecided: Mapping[str, float | None], texts: int) -> str:
    """How many of the texts without an opinion each network, by name, leaves undecided; "" without any."""
    low, high = UNDECIDED
    answered = [(name, share) for name, share in undecided.items() if share is not None]
    if not answered:
        return ""
    (name, share), *others = answered
    sentence = (
        f"Of {texts} texts without an opinion **{literal(name)}** leaves **{share * texts:.0f}** undecided, "
        f"between {low:.0%} and {high:.0%} positive"
    )
    more = "".join(f"; **{literal(name)}** leaves **{share * texts:.0f}**" for name, share in others)
    return f"{sentence}{more}."
