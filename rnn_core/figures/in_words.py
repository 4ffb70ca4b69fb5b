"""One sentence on each picture of a review, computed from the arrays that the picture is drawn from.

Each sentence is plain text with at most two numbers, or two from which to where; it is empty where there is
nothing to say. `labels` are the T tokens as the page names them.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from rnn_core.figures.builder import Array
from rnn_core.figures.language_figures import unit_name
from rnn_core.figures.sentences import SAID, say
from rnn_core.figures.text import counted, isolated, percent, shorten, whole_percent
from rnn_core.inspection.keeping_track import Tracked, Tracking
from rnn_core.inspection.next_tokens import NextTokens
from rnn_core.inspection.one_step import Cursor
from rnn_core.inspection.verdicts import Verdicts
from rnn_core.languages.along import NONE
from rnn_core.languages.language import NUMBER
from rnn_core.symbols import Symbol

LITTLE = 0.05
"""A verdict that differs by less, from 0 to 1, is called the same."""


def inside_in_words(
    labels: Sequence[str], verdicts: Verdicts, gates: Sequence[Symbol], arrays: Mapping[str, Array]
) -> str:
    """Says where the verdict turns last, or else moves most, and which gate moves most there.

    The probability is the one that the picture draws there. `gates` are those of the cell, `arrays` has
    (T, H) of each by its letter.
    """
    p = verdicts.followed.probabilities
    if len(labels) < 2 or not np.isfinite(p).all():
        return ""
    to, drawn = "", verdicts.followed.name
    if verdicts.turns:
        turn = verdicts.turns[-1]
        to, time = turn.to, turn.time
        before, after = turn.before, turn.probability
        drawn = to if verdicts.against is None else drawn
    else:
        time = 1 + int(np.abs(np.diff(p)).argmax())
        before, after = p[time - 1 : time + 1]
    share = whole_percent(after)
    if before is not None:
        share = say("passes", before=whole_percent(before), after=share)
    what = "turns" if to else "moves"
    sentence = say(what, to=_name(to), token=_word(labels, time), name=_name(drawn), share=share)
    means = {gate: arrays[gate.letter].mean(axis=1, dtype=np.float64) for gate in gates}
    if means and time:
        most = max(gates, key=lambda gate: abs(means[gate][time] - means[gate][time - 1]))
        before, after = means[most][time - 1 : time + 1]
        sentence += say("gate", gate=most.name, before=f"{before:.2f}", after=f"{after:.2f}")
    return f"{sentence}."


def next_in_words(labels: Sequence[str], found: NextTokens) -> str:
    """Says at how many time steps a network was right about what comes next, and where it was wrong first."""
    judged = int(found.is_judged.sum())
    counts = {"right": f"{int((found.right & found.is_judged).sum()):,}", "judged": f"{judged:,}"}
    if found.along is None:
        return say("most_probable", **counts)
    time = found.first_wrong
    if time is None:
        until = "" if found.is_judged.all() else say("until_broken")
        return say("right_at_all" if judged > 1 else "right_at_one", until=until, **counts)
    expected = int(found.log2[time].argmax())
    why = say("not_allowed", name=_name(found.names[expected]))
    if found.along.allowed[time, expected]:
        closes, rival = (_name(found.names[of[time]]) for of in (found.along.decided, found.along.rivals))
        why = say("wrong_bracket", name=closes, rival=rival)
    return say("wrong_first", token=_word(labels, time), time=counted(time), why=why, **counts)


def name_of_next(found: NextTokens, time: int) -> str:
    """Name the token after a time step; empty where it is nothing that the network can predict."""
    came = int(found.came[time])
    return "" if came == NONE else found.names[came]


def comes_in_words(found: NextTokens, time: int) -> str:
    """Says what comes after a time step, and how surprising it is."""
    if not (came := name_of_next(found, time)):
        is_end = found.is_open and time == len(found.came) - 1
        return say("comes_nothing" if is_end else "comes_unknown")
    sentence = say("comes", name=_name(came), bits=f"{found.surprise[time]:.2f}")
    true = float(found.true_surprise[time])
    if math.isinf(true):
        sentence += say("impossible")
    elif not math.isnan(true):
        sentence += say("by_truth", bits=f"{true:.2f}")
    return f"{sentence}."


def two_surprises_in_words(sentence: str, ours: Array, theirs: Array) -> str:
    """Compares the mean surprise along a text in two ways, (T,) bits each, in the sentence of this name."""
    known = np.isfinite(ours) & np.isfinite(theirs)
    return say(sentence, ours=f"{ours[known].mean():.3f}", theirs=f"{theirs[known].mean():.3f}")


def string_in_words(tokens: Sequence[str], found: NextTokens) -> list[str]:
    """Says of a whole string how surprising it is, and where the rule is broken, or where its truth ends."""
    said, true = [], found.true_surprise
    if np.isfinite(true).all():
        ours, best = (f"{values.mean():.3f}" for values in (found.surprise, true))
        said.append(say("mean_surprise", ours=ours, best=best))
    if (time := found.breaks) is not None:
        is_end, surprise = name_of_next(found, time) == found.names[-1], float(found.surprise[time])
        what = say("the_end") if is_end else say("at_time", token=_word(tokens, time), time=counted(time + 1))
        gave = say("gave", bits=f"{surprise:.1f}") if math.isfinite(surprise) else ""
        said.append(say("breaks", what=what, gave=gave))
    elif found.without_truth is not None:
        said.append(say("without_truth", time=counted(found.without_truth)))
    return said


def contributions_in_words(labels: Sequence[str], contributions: Array, input_times_gradient: Array) -> str:
    """Says which token contributes most by occlusion, and which by input times gradient, (T,) each."""
    both = contributions, input_times_gradient
    if not all(np.isfinite(values).all() for values in both) or not np.abs(contributions).max():
        return ""
    first, second = (int(np.abs(values).argmax()) for values in both)
    return say(
        "contributes" if first == second else "contribute",
        token=_word(labels, first),
        other=_word(labels, second),
        by=f"{contributions[first]:+.2f}",
        linear=f"{input_times_gradient[second]:+.2f}",
    )


def layers_in_words(labels: Sequence[str], followed: str, probabilities: Array) -> str:
    """Says where a further layer changes the verdict most, given (L, T) probabilities by each layer."""
    added = np.diff(probabilities, axis=0)  # (L - 1, T)
    layer, time = np.unravel_index(np.abs(added).argmax(), added.shape)
    if not np.isfinite(added).all():
        return ""
    if np.abs(added[layer, time]) < LITTLE:
        return say("layer_never" if len(added) == 1 else "layers_never", little=f"{LITTLE:.0%}")
    before, after = map(whole_percent, probabilities[layer : layer + 2, time])
    numbers = {"layer": layer + 2, "below": layer + 1, "before": before, "after": after}
    return say("layer_changes", token=_word(labels, int(time)), name=_name(followed), **numbers)


def readings_in_words(versions: Sequence[str], followed: str, probabilities: Sequence[Array]) -> str:
    """Says where two readings of a text end, given the probabilities after each token of both."""
    ends = [float(values[-1]) for values in probabilities]
    if not np.isfinite(ends).all():
        return ""
    one, other = map(percent, ends)
    first, second = versions
    return say("both_readings", one=one, other=other, first=first, second=second, name=_name(followed))


def update_in_words(labels: Sequence[str], cursor: Cursor) -> str:
    """Compares the norms of what is written and dropped at the cursor, or of the input and the memory."""
    sizes = sorted(((size.value, size.called) for size in cursor.sizes if size.called), reverse=True)
    (more, most), (less, least) = sizes
    norms = {"more": f"{more:.2f}", "less": f"{less:.2f}"}
    return say("larger", token=_word(labels, cursor.time), most=most, least=least, **norms)


def plane_in_words(shares: Array, readout_share: float | None) -> str:
    """Says how much of the states, and of the direction that the head reads along, lies in the plane."""
    if not np.isfinite(shares).all():
        return ""
    share = f"{shares[:2].sum():.0%}"
    if readout_share is None:
        return say("plane", share=share)
    return say("plane_of_head", share=share, readout=f"{readout_share:.0%}")


def units_in_words(letter: str, units: Array, auc: Array, what: str) -> str:
    """Says which unit predicts the label best, given units in this order and their areas under the curve."""
    if not len(units):
        return ""
    return say("unit", unit=units[0], letter=letter, what=what, area=f"{auc[0]:.2f}")


def tracking_in_words(found: Tracking, name: str, unit: int, layers: int) -> str:
    """Says how well a unit keeps track of a hidden truth, beside a guess from the last symbols."""
    tracked = found.tracked[name]
    if tracked is None:
        return say("one_value", name=name)
    own = float(tracked.scores[unit])
    score, guess = (score_in_words(tracked, one) for one in (own, tracked.by_last))
    what = unit_name(found.units[unit], layers)
    called = f"{what[0].upper()}{what[1:]}"
    sentence = "tracks_less" if own <= tracked.by_last else "tracks"
    return say(sentence, unit=called, name=name, score=score, few=found.strings.few, guess=guess)


def score_in_words(tracked: Tracked, score: float) -> str:
    """A score with the name of its measure: as in "R² 0.993" or "98.1% balanced accuracy"."""
    number = score_in_short(tracked, score)
    return f"{tracked.measure} {number}" if tracked.kind == NUMBER else f"{number} {tracked.measure}"


def score_in_short(tracked: Tracked, score: float) -> str:
    """A score: R² with three digits, a balanced accuracy in per cent; nearly all is not all."""
    if tracked.kind == NUMBER:
        return "> 0.999" if 0.9995 <= score < 1 else f"{score:.3f}".replace("-", "−")
    return "100%" if score == 1 else percent(score)


def padding_in_words(share: float, before: float, after: float, followed: str) -> str:
    """Says where padding at the end, of this share of the time steps, takes the verdict from and to."""
    if not share:
        return say("no_padding")
    if not np.isfinite([before, after]).all():
        return ""
    return say("padding", before=percent(before), after=percent(after), name=_name(followed))


def _word(labels: Sequence[str], time: int) -> str:
    return f"“{isolated(shorten(labels[time], SAID['longest']['word']))}”"


def _name(name: str) -> str:
    return isolated(shorten(name, SAID["longest"]["name"]))
