"""One sentence on each picture of a review, computed from the arrays that the picture is drawn from.

Each sentence is plain text with at most two numbers, or two from which to where; it is empty where there is
nothing to say. `labels` are the T tokens as the page names them.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from rnn_core.figures.builder import Array
from rnn_core.figures.keeping_track import unit_name
from rnn_core.figures.text import counted, percent, shorten, whole_percent
from rnn_core.inspection.keeping_track import Tracked, Tracking
from rnn_core.inspection.next_tokens import NextTokens
from rnn_core.inspection.one_step import Cursor, GatedUpdate, UnknownUpdate
from rnn_core.inspection.verdicts import Verdicts
from rnn_core.languages.language import NUMBER
from rnn_core.symbols import Symbol

_LONGEST_WORD, _LONGEST_NAME = 30, 40
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
    if verdicts.turns:
        turn = verdicts.turns[-1]
        time, before, after = turn.time, turn.before, turn.probability
        what = f"turns to {_name(turn.to)}"
        drawn = turn.to if verdicts.against is None else verdicts.followed.name
    else:
        time, drawn = 1 + int(np.abs(np.diff(p)).argmax()), verdicts.followed.name
        before, after = p[time - 1 : time + 1]
        what = "moves most"
    since = "" if before is None else f"{whole_percent(before)} to "
    sentence = (
        f"The verdict {what} at {_word(labels, time)} (probability of {_name(drawn)}: "
        f"{since}{whole_percent(after)})"
    )
    means = {gate: arrays[gate.letter].mean(axis=1, dtype=np.float64) for gate in gates}
    if not means or not time:
        return f"{sentence}."
    most = max(gates, key=lambda gate: abs(means[gate][time] - means[gate][time - 1]))
    before, after = means[most][time - 1 : time + 1]
    return f"{sentence}; the {most.name} moves most there, {before:.2f} to {after:.2f}."


def next_in_words(labels: Sequence[str], found: NextTokens) -> str:
    """Says at how many time steps a network was right about what comes next, and where it was wrong first."""
    judged = int(found.is_judged.sum())
    right = int((found.right & found.is_judged).sum())
    if found.along is None:
        return f"What it found most probable came at {right:,} of {judged:,} time steps."
    time = found.first_wrong
    if time is None:
        until = "" if found.is_judged.all() else " up to where the rule is broken"
        return f"Right at {f'all {judged:,} time steps' if judged > 1 else 'the only time step'}{until}."
    expected, rival = int(found.log2[time].argmax()), int(found.along.rivals[time])
    why = f"it expects {_name(found.names[expected])}, which the rule does not allow"
    if found.along.allowed[time, expected]:
        closes = found.names[found.along.decided[time]]
        why = f"only {_name(closes)} can close, and it finds {_name(found.names[rival])} as probable or more"
    return (
        f"Right at {right:,} of {judged:,} time steps, wrong first after {_word(labels, time)} (time step "
        f"{counted(time)}): {why}."
    )


def contributions_in_words(labels: Sequence[str], contributions: Array, input_times_gradient: Array) -> str:
    """Says which token contributes most by occlusion, and which by input times gradient, (T,) each."""
    both = contributions, input_times_gradient
    if not all(np.isfinite(values).all() for values in both) or not np.abs(contributions).max():
        return ""
    first, second = (int(np.abs(values).argmax()) for values in both)
    by, linear = f"{contributions[first]:+.2f}", f"{input_times_gradient[second]:+.2f}"
    if first == second:
        return (
            f"{_word(labels, first)} contributes most to the logit: {by} by occlusion, {linear} by input "
            "times gradient."
        )
    return (
        f"By occlusion {_word(labels, first)} contributes most to the logit ({by}), by input times gradient "
        f"{_word(labels, second)} ({linear})."
    )


def layers_in_words(labels: Sequence[str], followed: str, probabilities: Array) -> str:
    """Says where a further layer changes the verdict most, given (L, T) probabilities by each layer."""
    added = np.diff(probabilities, axis=0)  # (L - 1, T)
    layer, time = np.unravel_index(np.abs(added).argmax(), added.shape)
    if not np.isfinite(added).all():
        return ""
    if np.abs(added[layer, time]) < LITTLE:
        never = "Layer 2 never changes" if len(added) == 1 else "No further layer changes"
        return f"{never} the verdict by {LITTLE:.0%} or more in this text."
    before, after = probabilities[layer : layer + 2, time]
    return (
        f"Layer {layer + 2} changes the verdict most at {_word(labels, int(time))}, from "
        f"{whole_percent(before)} by layer {layer + 1} to {whole_percent(after)} {_name(followed)}."
    )


def readings_in_words(versions: Sequence[str], followed: str, probabilities: Sequence[Array]) -> str:
    """Says where two readings of a text end, given the probabilities after each token of both."""
    one, other = (float(values[-1]) for values in probabilities)
    if not np.isfinite([one, other]).all():
        return ""
    first, second = versions
    return f"The verdict is {percent(one)} {_name(followed)} {first}, and {percent(other)} {second}."


def update_in_words(labels: Sequence[str], cursor: Cursor) -> str:
    """Compares the norms of what is written and dropped at the cursor, or of the input and the memory."""
    update, word = cursor.update, _word(labels, cursor.time)
    if isinstance(update, GatedUpdate):
        return f"At {word} {_against(update.written, update.dropped, 'what is written', 'what is dropped')}."
    if isinstance(update, UnknownUpdate):
        return f"At {word} {_against(update.change, update.before, 'the change', 'the memory')}."
    return f"At {word} {_against(update.word, update.memory, 'what is read', 'the memory')}."


def plane_in_words(shares: Array, readout_share: float | None) -> str:
    """Says how much of the states, and of the direction that the head reads along, lies in the plane."""
    if not np.isfinite(shares).all():
        return ""
    if readout_share is None:
        return f"The plane holds {shares[:2].sum():.0%} of the variance of the states."
    return (
        f"The plane holds {shares[:2].sum():.0%} of the variance of the states and {readout_share:.0%} of "
        "the direction that the head reads along."
    )


def units_in_words(letter: str, units: Array, auc: Array, what: str) -> str:
    """Says which unit predicts the label best, given units in this order and their areas under the curve."""
    if not len(units):
        return ""
    return f"Unit {units[0]} of {letter} predicts {what} best: its area under the ROC curve is {auc[0]:.2f}."


def tracking_in_words(found: Tracking, name: str, unit: int, layers: int) -> str:
    """Says how well a unit keeps track of a hidden truth, beside a guess from the last three symbols."""
    tracked = found.tracked[name]
    if tracked is None:
        return f"“{name}” has one value only in these strings, so there is nothing to tell apart."
    score, beside = (
        score_in_words(tracked, float(tracked.scores[unit])),
        score_in_words(tracked, tracked.last_three),
    )
    what = unit_name(found.units[unit], layers)
    sentence = (
        f"{what[0].upper()}{what[1:]} keeps track of “{name}” with {score}. A guess "
        "from the last three symbols alone"
    )
    if tracked.scores[unit] <= tracked.last_three:
        return f"{sentence} is as good or better: {beside}."
    return f"{sentence} has only {beside}."


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
        return (
            "This text fills the whole window: nothing is left to pad. Shorten it to see what padding does."
        )
    if not np.isfinite([before, after]).all():
        return ""
    return (
        f"Padding that is read at the end takes the verdict from {percent(before)} to {percent(after)} "
        f"{_name(followed)}."
    )


def _against(one: float, other: float, of_one: str, of_other: str) -> str:
    """Two norms, the larger one first."""
    (more, most), (less, least) = sorted([(one, of_one), (other, of_other)], reverse=True)
    return f"{most} is larger than {least}, {more:.2f} against {less:.2f} (norms)"


def _word(labels: Sequence[str], time: int) -> str:
    return f"“{shorten(labels[time], _LONGEST_WORD)}”"


def _name(name: str) -> str:
    return shorten(name, _LONGEST_NAME)
