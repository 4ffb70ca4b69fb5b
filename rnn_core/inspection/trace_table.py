"""A trace as one table, a row a time step.

    time_step                      from 0
    token, word, token_id          the token as the window has it; the word of the text that it stands for,
                                   none for `<pad>` and `<start>`
    unknown                        whether the vocabulary lacks that word
    logit, probability             of the followed class after this token
    probability_<class>            of each class, where there are more than two
    turned_to                      the class to which this token turned the verdict, as `turns` defines it
    norm_h, norm_c                 of the states; c of an LSTM only
    saliency, input_times_gradient, connectivity_h, connectivity_c    as `attribution` has them
    contribution                   of this token to the logit after the last one, by `occlusion`
    attention_weight               of the readout, only where it is attention
    h, z, r, ...                   (H,) each: every gate and state of a layer, by the letters of the cells

Where something was held (see `clamps`), the text was read again with it. Of that second reading there are the
same columns of logit, probabilities, norms, gates and states, with held_ before their names.

What holds for the whole review stands beside the columns (see `about`).
"""

import json
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rnn_core import __version__
from rnn_core.files import from_json
from rnn_core.inspection.attribution import Attribution
from rnn_core.inspection.clamps import Held
from rnn_core.inspection.trace import Trace, norms
from rnn_core.inspection.turns import DECIDED
from rnn_core.models.model import Model
from rnn_core.text.vocabulary import UNK_ID
from rnn_core.text.window import ReadReview

Floats = NDArray[np.float32]

_AS_JSON = (
    "columns_described", "config", "classes", "layer", "layers", "probability", "logit", "clamps", "patches",
    "held_probability", "held_logit",
)  # fmt: skip
"""What is no text: the metadata of a schema are texts only."""
_DESCRIBED = {
    "time_step": "counted from 0, as in clamps and patches; the pages count from 1",
    "turned_to": "the class to which this token turned the verdict: of the tokens after the last one that "
    f"left another class beyond {DECIDED:.0%}, up to the first one that brings this class beyond it, it "
    "moved the logit of this class most; empty where a token turned nothing",
    "contribution": "what this token contributes to the logit after the last token, by occlusion: that logit "
    "minus the one with <unk> in the token's place; above 0 the token speaks for the followed class",
}
"""What the columns mean whose names alone could be misread."""


def trace_table(
    trace: Trace,
    attribution: Attribution,
    contributions: Floats,
    *,
    model: Model,
    text: str,
    held: Held | None = None,
) -> pa.Table:
    """All that was computed on a text, as a pyarrow Table of T rows; `about` reads what is beside them.

    `trace` is the model's trace of this text; the others are what `attribute`, `occlusion` and, if something
    was held, `hold` return for it.
    A character that UTF-8 can't hold, half of a surrogate pair, becomes ? in the text that is kept.
    """
    review = trace.review
    columns = {
        "time_step": pa.array(range(len(review.ids)), pa.int32()),
        "token": pa.array(review.window, pa.string()),
        "word": pa.array(words_read(review), pa.string()),
        "token_id": pa.array(review.ids, pa.int32()),
        "unknown": pa.array([number == UNK_ID for number in review.ids]),
        **_verdicts(trace),
        **_state_norms(trace),
        "saliency": _numbers(attribution.saliency),
        "input_times_gradient": _numbers(attribution.input_times_gradient),
        "contribution": _numbers(contributions),
        **{f"connectivity_{letter}": _numbers(norms) for letter, norms in attribution.connectivity.items()},
        **({} if attribution.attention is None else {"attention_weight": _numbers(attribution.attention)}),
        **_arrays(trace),
    }
    beside: dict[str, Any] = {
        "written_by": f"Gatescope {__version__}",
        "columns_described": _DESCRIBED,
        "model": model.name,
        "config": model.config.to_dict(),
        "text": text.encode("utf-8", "replace").decode(),
        "layer": trace.layer,
        "layers": trace.layers,
        "verdict": trace.label,
        "classes": list(trace.classes),
        "followed": trace.classes[trace.followed],
        "probability": trace.probability,
        "logit": float(trace.logits[-1]),
    }
    if held is not None:
        after = held.after
        again = {**_verdicts(after), **_state_norms(after), **_arrays(after)}
        columns |= {f"held_{name}": column for name, column in again.items()}
        beside |= {
            "clamps": [str(clamp) for clamp in held.clamps],
            "patches": [
                {"tokens": list(patch.source.review.tokens), "token": patch.token, "at": patch.at}
                for patch in held.patches
            ],
            "held_verdict": after.label,
            "held_probability": after.probability,
            "held_logit": float(after.logits[-1]),
        }
    return pa.table(columns).replace_schema_metadata(
        {name: json.dumps(value) if name in _AS_JSON else value for name, value in beside.items()}
    )


def about(table: pa.Table) -> dict[str, Any]:
    """What holds for the whole review, read from a table of `trace_table`, also one that was on disk.

    written_by, columns_described (column -> what it means), model, config (see RunConfig.from_dict), text,
    layer and layers (that of the states and gates, and how many there are), verdict (the predicted class),
    classes, followed (the class that logit and probability are of), probability and logit after the last
    token. Where something was held, also clamps (see `Clamp.parse`), patches (the tokens of the other text,
    one of its time steps, and the one of this text whose state it replaced), and held_verdict,
    held_probability, held_logit.
    """
    kept = {name.decode(): value.decode() for name, value in table.schema.metadata.items()}
    return {name: from_json(value, Any) if name in _AS_JSON else value for name, value in kept.items()}


def class_columns(trace: Trace) -> dict[str, Floats]:
    """(T,) the probability of each class by the name of its column; none where there are two classes."""
    if len(trace.classes) == 2:
        return {}
    of_classes = trace.probabilities_of_classes.T
    return {f"probability_{name}": values for name, values in zip(trace.classes, of_classes, strict=True)}


def turned_to(trace: Trace) -> list[str | None]:
    """The class to which the token at each of the T time steps turned the verdict; None where it did not."""
    turns = trace.turns
    return [turns.get(time) for time in range(len(trace.answers))]


def words_read(review: ReadReview) -> list[str | None]:
    """The word of the text at each of the T time steps; None where the window put something of its own."""
    kept = iter(review.tokens[review.kept])
    return [next(kept) if number >= UNK_ID else None for number in review.ids]


def _verdicts(trace: Trace) -> dict[str, pa.Array]:
    return {
        "logit": _numbers(trace.logits),
        "probability": _numbers(trace.probabilities),
        **{name: _numbers(values) for name, values in class_columns(trace).items()},
        "turned_to": pa.array(turned_to(trace), pa.string()),
    }


def _state_norms(trace: Trace) -> dict[str, pa.Array]:
    return {f"norm_{letter}": _numbers(norms(values)) for letter, values in trace.states.items()}


def _arrays(trace: Trace) -> dict[str, pa.Array]:
    return {letter: _vectors(values) for letter, values in trace.arrays.items()}


def _numbers(values: Floats) -> pa.Array:
    """(T,)"""
    return pa.array(values, pa.float32())


def _vectors(values: Floats) -> pa.Array:
    """(T, H)"""
    T, H = values.shape
    return pa.ListArray.from_arrays(pa.array(np.arange(T + 1) * H, pa.int32()), _numbers(values.ravel()))
