"""A trace as one table, and the numbers behind each picture of a review: all, however few it draws.

A row is a time step, unless its table says otherwise, and begins with time_step, from 0; token, as the window
has it; word, that of the text which it stands for, none for `<pad>` and `<start>`. A column that ends in a
number is that unit: h_0, h_1, ... The other columns of `trace_table` are

    token_id, unknown              whether the vocabulary lacks the word
    logit, probability             of the followed class after this token
    probability_<class>            of each class, where there are more than two
    turned_to                      the class to which this token turned the verdict, as `turns_of` defines it
    norm_h, norm_c, ...            of each state of the cell, by its letter
    saliency, input_times_gradient, connectivity_h, connectivity_c    as `attribution` has them
    contribution                   of this token to the logit after the last one, by `occlusion`
    attention_weight               of the readout, only where it is attention
    h, z, r, ...                   (H,) each: every gate and state of a layer, by the letters of the cells

Where something was held (see `clamps`), the text was read again with it. Of that second reading there are the
same columns of logit, probabilities, norms, gates and states, with held_ before their names. What holds for
the whole review stands beside the columns (see `table_facts`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from rnn_core.__version__ import __version__
from rnn_core.files import from_json
from rnn_core.inspection.attribution import Attribution
from rnn_core.inspection.clamps import Held
from rnn_core.inspection.keeping_track import Tracking
from rnn_core.inspection.next_tokens import NextTokens, next_tokens
from rnn_core.inspection.plane import StatePlane
from rnn_core.inspection.trace import DECIDED, Trace, norms
from rnn_core.inspection.what_if import PaddingCase, WhatIf, times_of_tokens, values_by_token
from rnn_core.models.model import Model
from rnn_core.models.probing import ProbeScores
from rnn_core.tables.written import safe_cell
from rnn_core.tasks.classes import probabilities_of
from rnn_core.text.vocabulary import UNK_ID

Floats = NDArray[np.float32]

_AS_TEXT = {"written_by", "model", "text", "followed", "verdict", "held_verdict"}
"""Metadata that are texts as they stand; the others are JSON, since those of a schema are texts only."""
_TIME_STEP = {"time_step": "counted from 0, as in clamps and patches; the pages count from 1"}
_DESCRIBED = {
    **_TIME_STEP,
    "turned_to": "the class to which this token turned the verdict: of the tokens after the last one that "
    f"left another class beyond {DECIDED:.0%}, up to the first one that brings this class beyond it, it "
    "moved the logit of this class most; empty where a token turned nothing",
    "contribution": "what this token contributes to the logit after the last token, by occlusion: that logit "
    "minus the one with <unk> in the token's place; above 0 the token speaks for the followed class",
}
"""Meanings of the columns whose names alone could be misread."""
_DESCRIBED_NEXT = {
    **_TIME_STEP,
    "next": "the token that comes after this time step, <end> at last",
    "surprise": "-log2 of the probability that the network gives it, in bits; empty where it can't be given",
    "true_surprise": "-log2 of its true probability, in bits: infinite, or empty in JSON, for what is "
    "impossible; empty where there is no truth",
    "is_right": "whether the token that the network finds most probable is one that the rule allows, and "
    "where a bracket closes, its kind is more probable than the other one; empty after what breaks the rule",
}
"""Meanings of the columns of a network that predicts what comes next: of those that begin with network_ or
true_ there is one for each token."""


class _Answers(NamedTuple):
    """The answers after each token, and what is said of the whole text."""

    columns: dict[str, pa.Array]
    beside: dict[str, Any]


def trace_table(
    trace: Trace,
    attribution: Attribution,
    contributions: Floats,
    *,
    model: Model,
    text: str,
    held: Held | None = None,
) -> pa.Table:
    """All that was computed on a text, as a pyarrow Table of T rows; `table_facts` reads what is beside them.

    `trace` is the model's trace of this text; the others are what `attribute`, `occlusion` and, if something
    was held, `hold` return for it.
    A character that UTF-8 can't hold, half of a surrogate pair, becomes ? in the text that is kept.
    """
    said = _verdicts(trace)
    columns = {
        **said.columns,
        "saliency": _numbers(attribution.saliency),
        "input_times_gradient": _numbers(attribution.input_times_gradient),
        "contribution": _numbers(contributions),
        **{f"connectivity_{letter}": _numbers(norms) for letter, norms in attribution.connectivity.items()},
        **({} if attribution.attention is None else {"attention_weight": _numbers(attribution.attention)}),
    }
    beside = {"classes": list(trace.classes), "followed": trace.classes[trace.followed], **said.beside}
    again = None if held is None else (held, _verdicts(held.after))
    return _whole_table(trace, _Answers(columns, beside), again, _DESCRIBED, model, text)


def next_trace_table(
    trace: Trace, found: NextTokens, *, model: Model, text: str, held: Held | None = None
) -> pa.Table:
    """All that was computed on a text by a network that predicts what comes next, as `trace_table` has it.

    In place of the verdicts it has the columns of `next_tokens_table`, and no column says what a token
    contributes; beside the columns stand mean_surprise and mean_true_surprise in bits, first_wrong, breaks
    and without_truth, as `NextTokens` has them. `found` are the answers of this trace.
    """
    again = None
    if held is not None:
        after = next_tokens(model, held.after)
        columns, beside = _predictions(held.after, after.opened() if found.is_open else after)
        of_truth = {"next", "true_surprise", *(f"true_{one}" for one in found.names)}
        kept = {name: column for name, column in columns.items() if name not in of_truth}
        again = held, _Answers(kept, beside)
    return _whole_table(trace, _predictions(trace, found), again, _DESCRIBED_NEXT, model, text)


def _whole_table(
    trace: Trace,
    answers: _Answers,
    again: tuple[Held, _Answers] | None,
    described: Mapping[str, str],
    model: Model,
    text: str,
) -> pa.Table:
    """`again` is what is held, if something is, and the answers with it."""
    review = trace.review
    columns = {
        "time_step": pa.array(range(len(review.ids)), pa.int32()),
        "token": pa.array(review.window, pa.string()),
        "word": pa.array(trace.words_read, pa.string()),
        "token_id": pa.array(review.ids, pa.int32()),
        "unknown": pa.array([number == UNK_ID for number in review.ids]),
        **answers.columns,
        **_arrays(trace),
    }
    beside: dict[str, Any] = {
        "written_by": f"Gatescope {__version__}",
        "columns_described": described,
        "model": model.name,
        "config": model.config.to_dict(),
        "text": text.encode("utf-8", "replace").decode(),
        "layer": trace.layer,
        "layers": trace.layers,
        **answers.beside,
    }
    if again is not None:
        held, then = again
        columns |= {f"held_{name}": column for name, column in (then.columns | _arrays(held.after)).items()}
        beside |= {
            "clamps": [str(clamp) for clamp in held.clamps],
            "patches": [
                {"tokens": list(patch.source.review.tokens), "token": patch.token, "at": patch.at}
                for patch in held.patches
            ],
            **{f"held_{name}": value for name, value in then.beside.items()},
        }
    return pa.table(columns).replace_schema_metadata(
        {name: value if name in _AS_TEXT else json.dumps(value) for name, value in beside.items()}
    )


def text_numbers(found: NextTokens) -> dict[str, Any]:
    """Return the numbers on a whole text; None for what is no finite number."""
    means = {"mean_surprise": found.surprise.mean(), "mean_true_surprise": found.true_surprise.mean()}
    places = {name: getattr(found, name) for name in ("first_wrong", "breaks", "without_truth")}
    return {name: float(mean) if np.isfinite(mean) else None for name, mean in means.items()} | places


def table_facts(table: pa.Table) -> dict[str, Any]:
    """Return what holds for the whole review, from a table of `trace_table`, also one that was on disk.

    written_by, columns_described (column -> what it means), model, config (see RunConfig.from_dict), text,
    layer and layers (that of the states and gates, and how many there are), verdict (the predicted class),
    classes, followed (the class that logit and probability are of), probability and logit after the last
    token. Where something was held, also clamps (see `Clamp.parse`), patches (the tokens of the other text,
    one of its time steps, and the one of this text whose state it replaced), and held_verdict,
    held_probability, held_logit.
    """
    kept = {name.decode(): value.decode() for name, value in table.schema.metadata.items()}
    return {name: value if name in _AS_TEXT else from_json(value, Any) for name, value in kept.items()}


def _predictions(trace: Trace, found: NextTokens) -> _Answers:
    answers = next_tokens_table(trace, found).drop(columns=["time_step", "token", "word"])
    columns = {name: pa.array(values, from_pandas=True) for name, values in answers.items()}
    return _Answers(columns | _norms(trace), text_numbers(found))


def _verdicts(trace: Trace) -> _Answers:
    columns = {"logit": trace.logits, "probability": trace.probabilities, **trace.class_columns}
    in_numbers = {name: _numbers(values) for name, values in columns.items()}
    turned = {"turned_to": pa.array(trace.turned_to, pa.string())}
    in_the_end = {"verdict": trace.label, "probability": trace.probability, "logit": float(trace.logits[-1])}
    return _Answers(in_numbers | turned | _norms(trace), in_the_end)


def _norms(trace: Trace) -> dict[str, pa.Array]:
    return {f"norm_{letter}": _numbers(norms(values)) for letter, values in trace.states.items()}


def _arrays(trace: Trace) -> dict[str, pa.Array]:
    T, H = trace.arrays["h"].shape
    offsets = pa.array(np.arange(T + 1) * H, pa.int32())
    return {
        letter: pa.ListArray.from_arrays(offsets, _numbers(values.ravel()))
        for letter, values in trace.arrays.items()
    }


def _numbers(values: Floats) -> pa.Array:
    """Return values (T,) as a column."""
    return pa.array(values, pa.float32())


def next_tokens_table(trace: Trace, found: NextTokens) -> pd.DataFrame:
    """Table what comes next after each time step, and what the network and the truth say of it.

    next, the token that comes; surprise and true_surprise in bits; is_right, empty after a token that the
    rule does not allow; for each token that can come next, network_<token> and true_<token>.
    """
    tokens = [*trace.review.tokens[: trace.review.kept.stop + 1], found.names[-1]]
    columns: dict[str, Any] = {
        "next": tokens[: len(found.came)],
        "surprise": found.surprise,
        "true_surprise": found.true_surprise,
        "is_right": pd.Series(found.right, dtype="boolean").where(found.is_judged),
    }
    columns |= {f"network_{name}": p for name, p in zip(found.names, found.network.T, strict=True)}
    columns |= {f"true_{name}": p for name, p in zip(found.names, found.truth.T, strict=True)}
    return trace.time_table(columns)


def inside_table(trace: Trace, shown: str, found: NextTokens | None = None) -> pd.DataFrame:
    """The frame of a trace, then each unit of the gate or state `shown`.

    Of a network that predicts what comes next, `found`, with its answers in place of the verdicts. Raises
    KeyError where the cell has no such letter.
    """
    units = pd.DataFrame(_units(shown, trace.arrays[shown]))
    if found is None:
        return trace.frame().join(units)
    return next_tokens_table(trace, found).join([pd.DataFrame(trace.norms_and_gates()), units])


def attribution_table(trace: Trace, attribution: Attribution, contributions: Floats) -> pd.DataFrame:
    """Table the contributions of each token and each time step to the verdict.

    contribution, in logits, by occlusion; input_times_gradient; saliency; the connectivity of each state,
    such as connectivity_h; in the top layer, where the readout is not the last state, that part of
    connectivity_h which it passes on by itself: direct_connectivity_h; with attention also attention_weight.
    """
    columns = {
        "contribution": contributions,
        "input_times_gradient": attribution.input_times_gradient,
        "saliency": attribution.saliency,
        **{f"connectivity_{letter}": norms for letter, norms in attribution.connectivity.items()},
    }
    if (direct := attribution.direct_connectivity) is not None:
        columns["direct_connectivity_h"] = direct
    if attribution.attention is not None:
        columns["attention_weight"] = attribution.attention
    return trace.time_table(columns)


def what_if_table(changed: WhatIf) -> pd.DataFrame:
    """Two readings of a text, on the time steps of the first; nothing where the second lacks the token.

    time_step_after is the second reading's own. The other columns come twice, ending in _before and _after;
    difference is the second probability minus the first, distance the norm of the difference of h.
    """
    before, after = changed.before, changed.after
    here, there = changed.pairs.T
    times = np.full(len(before.logits), -1)
    times[here] = there
    probability = changed.on_first(after.probabilities[there])
    return before.time_table(
        {
            "time_step_after": _whole(times),
            "logit_before": before.logits,
            "logit_after": changed.on_first(after.logits[there]),
            "probability_before": before.probabilities,
            "probability_after": probability,
            "difference": probability - before.probabilities,
            "norm_h_before": norms(before.arrays["h"]),
            "norm_h_after": changed.on_first(norms(after.arrays["h"][there])),
            "distance": changed.on_first(changed.distances),
        }
    )


def layers_table(trace: Trace, logits: Floats) -> pd.DataFrame:
    """The verdict by each layer: logit_layer_1, probability_layer_1, ...; the last is the network's own."""
    columns: dict[str, Floats] = {}
    for layer, of_layer in enumerate(logits, 1):
        columns[f"logit_layer_{layer}"] = of_layer
        columns[f"probability_layer_{layer}"] = probabilities_of(of_layer).astype(np.float32)
    return trace.time_table(columns)


def two_models_table(traces: Sequence[Trace], names: Sequence[str]) -> pd.DataFrame:
    """One text as two models read it, a row a token of the text; nothing where a model cut the token.

    token_number, from 0; word; then, each with the name of its model at the end, time_step, unknown (whether
    its vocabulary lacks the word), logit, probability and norm_h; difference is the second probability minus
    the first.
    """
    words = traces[0].review.tokens
    columns: dict[str, Any] = {"token_number": range(len(words)), "word": words}
    probabilities = [values_by_token(trace.review, trace.probabilities) for trace in traces]
    for trace, name, probability in zip(traces, names, probabilities, strict=True):
        columns |= {
            f"time_step_{name}": _whole(times_of_tokens(trace.review)),
            f"unknown_{name}": trace.review.unknown,
            f"logit_{name}": values_by_token(trace.review, trace.logits),
            f"probability_{name}": probability,
            f"norm_h_{name}": values_by_token(trace.review, norms(trace.arrays["h"])),
        }
    return pd.DataFrame({**columns, "difference": probabilities[1] - probabilities[0]})


def two_expecting_table(both: Sequence[tuple[Trace, NextTokens]], names: Sequence[str]) -> pd.DataFrame:
    """One text as two models read it that say what comes next, a row a time step.

    time_step, token, word and next; then the other columns of `next_tokens_table` and norm_h, each with the
    name of its model at the end; nothing where a model cut the text off before.
    """
    tables = []
    for (trace, found), name in zip(both, names, strict=True):
        answers = next_tokens_table(trace, found).assign(norm_h=norms(trace.arrays["h"]))
        tables.append(answers.rename(columns={of: f"{of}_{name}" for of in answers.columns[4:]}))
    longer, other = sorted(tables, key=len, reverse=True)
    columns = [*longer.columns[:4], *(name for table in tables for name in table.columns[4:])]
    return longer.join(other.iloc[:, 4:])[columns]


def padding_table(cases: Mapping[str, PaddingCase]) -> pd.DataFrame:
    """The states of a review that is filled up in several ways, one case after the other.

    case, its name; time_step, token, word; padding, whether the time step reads padding; logit; norm_h; the
    units of h.
    """
    tables = []
    for name, case in cases.items():
        T, hs = len(case.trace.logits), case.trace.arrays["h"]
        pads = np.isin(np.arange(T), np.arange(T)[case.pads])
        columns = {"padding": pads, "logit": case.trace.logits, "norm_h": norms(hs), **_units("h", hs)}
        table = case.trace.time_table(columns)
        table.insert(0, "case", name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def plane_table(
    plane: StatePlane, trace: Trace, hidden: Mapping[str, NDArray[Any]] | None = None
) -> pd.DataFrame:
    """The path of a review on the plane, T rows, and below it the S states of other reviews.

    review, "this" or "other"; of the path time_step, token and word; component_1 and component_2; of the
    others the probability of the followed class that the head gives that state alone, of more than two
    classes also predicted, the most probable one, and whether it is final, the last of its review. What is
    `hidden` where each of the S states was read, by name, is written beside it.
    """
    path = trace.time_table(_components(plane.project(trace)))
    path.insert(0, "review", "this")
    others = pd.DataFrame(
        {
            "review": "other",
            **_components(plane.points),
            "probability": probabilities_of(plane.logits).astype(np.float32),
            **({"predicted": [trace.classes[k] for k in plane.predicted]} if len(trace.classes) > 2 else {}),
            "final": plane.final,
            **(hidden or {}),
        }
    )
    table = pd.concat([path, others], ignore_index=True)
    return table.astype({"time_step": "Int64", "final": "boolean"})


def tracking_table(found: Tracking, name: str, unit: int) -> pd.DataFrame:
    """The value of a unit beside a hidden truth, a row for each time step of the strings.

    string; time_step; token, which was read there; chooses and scores, whether the string is of these halves;
    truth; value.
    """
    strings = found.strings
    of_string = strings.string_numbers
    return pd.DataFrame(
        {
            "string": np.array(strings.texts, object)[of_string],
            "time_step": np.arange(len(of_string)) - strings.encoded.offsets[of_string],
            "token": strings.tokens,
            "chooses": strings.chooses,
            "scores": strings.scores,
            "truth": strings.hidden[name],
            "value": found.values[:, unit],
        }
    )


def unit_table(trace: Trace, values: Floats, held: Floats | None, truth: Sequence[Any]) -> pd.DataFrame:
    """The value of a unit after each token of a text, value; held, while something is; truth, what is hidden.

    Each has T values.
    """
    more = {} if held is None else {"held": held}
    return trace.time_table({"value": values, **more, "truth": list(truth)})


def probes_table(scores: Mapping[str, ProbeScores]) -> pd.DataFrame:
    """Table the probes: a row a phenomenon and network, and one of all pairs for each network.

    network; phenomenon; pairs, how many there are; sentences_right and pairs_right, shares from 0 to 1.
    """
    return pd.DataFrame(
        {
            "network": name,
            "phenomenon": title,
            "pairs": len(some.pairs),
            "sentences_right": some.sentences,
            "pairs_right": some.whole_pairs,
        }
        for name, all_scores in scores.items()
        for title, some in [
            ("All", all_scores),
            *((title, all_scores.phenomenon(key)) for key, title in all_scores.phenomena.items()),
        ]
    )


def to_csv(table: pd.DataFrame) -> bytes:
    """The content of a CSV file in UTF-8; what is not there is an empty field.

    Text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    texts = table.select_dtypes(include=["object", "string"]).columns
    safe = table.assign(**{name: table[name].map(_safe, na_action="ignore") for name in texts})
    return safe.rename(columns=_safe).to_csv(index=False).encode()


def _safe(value: Any) -> Any:
    return safe_cell(value) if isinstance(value, str) else value


def _units(letter: str, values: Floats) -> dict[str, Floats]:
    """Return (T, H) as H columns (T,), by the number of the unit."""
    return {f"{letter}_{unit}": column for unit, column in enumerate(values.T)}


def _components(points: Floats) -> dict[str, Floats]:
    """Return points (N, 2) as two columns."""
    return {"component_1": points[:, 0], "component_2": points[:, 1]}


def _whole(times: NDArray[np.int64]) -> Any:
    """Return time steps as whole numbers, empty in place of -1."""
    return pd.Series(times, dtype="Int64").mask(times < 0)
