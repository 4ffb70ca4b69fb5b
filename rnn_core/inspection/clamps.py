"""One text read again while some of a cell's quantities are held at a value, or its state is another text's.

A clamp holds one quantity, by its letter, at one value: at one time step, from one on, or throughout; in all
units or in some. It is written

    LETTER=VALUE[@FROM[:[TO]]][#UNITS]        z=0    z=0@5    z=0@5:    z=0@5:9    f=1@5:#3,7-9

`@5` is time step 5 alone, `@5:` from 5 on, `@5:9` from 5 to 9, both included, as in `3,7-9` of the units.
Time steps and units are counted from 0 (the pages show time steps from 1); `<start>` is a time step, too.
Several clamps stand one after the other with spaces between; where two hold the same, the later one counts.

A patch (Vig et al., 2020) puts the state after a time step of another text in the place of the one after a
time step of this one: all that goes from one time step to the next. A clamp at that place counts more. Which
time steps is written AT=FROM: 5=3 for the state after 3 of the other text, after 5 of this one.

What came before the first of them stays as it was. From there on all is computed by the equations
(`Cell.naive`) on what is held: in the layer that the trace is of, and in those above it. In a network that
reads in both directions the cell that reads forwards is held, and the other one is left as it is.
"""

import contextlib
import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from rnn_core.errors import ClampError
from rnn_core.inspection.trace import Trace, answers_after, rows_at_once, window_inputs
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.holds import Holds
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.nn.sequence import run
from rnn_core.refusals import either, shown
from rnn_core.symbols import CellDeclaration, Symbol
from rnn_core.tasks.classes import compared

MOST_CLAMPS = 20
"""The most clamps at once, and the most patches."""
UNITS = 100_000
"""The numbers of units are below it: more than any network has, few enough for a link to name all."""
LARGEST = 1_000.0
"""A quantity without bounds is held between minus this and this."""

_GRAMMAR = re.compile(
    r"(?P<letter>[^\s=@#]+)=(?P<value>[^\s=@#]+)"
    r"(?:@(?P<first>[0-9]{1,9})?(?P<until>:(?P<last>[0-9]{1,9})?)?)?"
    r"(?:#(?P<units>[0-9,-]+))?"
)
_PLACES = re.compile(r"([0-9]{1,9})=([0-9]{1,9})")
_RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clamp:
    """One quantity of a cell, held at one value."""

    letter: str
    value: float
    first: int = 0
    """The first time step at which it is held."""
    last: int | None = None
    """The last one; None for that of the text."""
    units: tuple[int, ...] | None = None
    """The units that are held, in ascending order; None for all."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """A clamp as it is written. Raises ClampError.

        >>> Clamp.parse("z=0@5:#3,7-9")
        Clamp(letter='z', value=0.0, first=5, last=None, units=(3, 7, 8, 9))
        """
        found = _GRAMMAR.fullmatch(text)
        if found is None or (found["first"] is None and "@" in text and found["until"] is None):
            raise ClampError(
                "A clamp must be written as LETTER=VALUE, such as z=0. @5 behind it means time step 5 alone, "
                f"@5: from there on, @5:9 up to 9; #3,7-9 at its end these units only. Got {shown(text)}."
            )
        value, first, last = math.nan, int(found["first"] or 0), found["last"]
        with contextlib.suppress(ValueError):
            value = float(found["value"]) if re.fullmatch(r"[-+.0-9e]+", found["value"]) else math.nan
        if not math.isfinite(value):
            got = shown(found["value"])
            raise ClampError(f"The value that is held must be a number, such as 0.5, got {got}.")
        is_one = found["first"] is not None and found["until"] is None
        return cls(
            letter=found["letter"],
            value=value,
            first=first,
            last=first if is_one else None if last is None else int(last),
            units=None if found["units"] is None else parse_units(found["units"]),
        )

    def __str__(self) -> str:
        """Return the clamp as it is written, so that `parse` returns it again."""
        units = "" if self.units is None else f"#{units_in_short(self.units)}"
        times = f"@{self.first}"
        if self.last is None:
            times = f"@{self.first}:" if self.first else ""
        elif self.last != self.first:
            times = f"@{self.first}:{self.last}"
        return f"{self.letter}={repr(self.value).removesuffix('.0')}{times}{units}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """The state of another text, in the place of one of this text."""

    source: Trace
    """The other text as the same network read it. Checked is that its states have the same letters and units,
    and are of the same layer: a trace does not say which weights it is of."""
    token: int
    """The time step of the other text after which its state is taken."""
    at: int
    """The time step of this text whose state it replaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A text read again, and what was held for it."""

    clamps: tuple[Clamp, ...]
    patches: tuple[Patch, ...]
    after: Trace


def parse_places(text: str) -> tuple[int, int]:
    """The time steps of a patch: of this text, and of the other one. Raises ClampError."""
    found = _PLACES.fullmatch(text)
    if found is None:
        raise ClampError(
            "Where a state comes from must be written as two time steps, such as 5=3 for the one after 3 of "
            f"the other text, after 5 of this one. Got {shown(text)}."
        )
    return int(found[1]), int(found[2])


def as_clamps(given: object) -> tuple[Clamp, ...]:
    """Clamps as a notebook gives them: written, with spaces between, or a list, each written or a Clamp.

    Raises ClampError for anything else.

    >>> as_clamps("z=0 r=1") == as_clamps(["z=0", Clamp(letter="r", value=1.0)])
    True
    """
    each: Iterable[Any] = given if isinstance(given, list | tuple) else [given]
    if not all(isinstance(one, str | Clamp) for one in each):
        raise ClampError(
            f'Clamps must be a text, such as "z=0@5: r=1", or a list of clamps, got {shown(given)}.'
        )
    parsed = ((one,) if isinstance(one, Clamp) else map(Clamp.parse, one.split()) for one in each)
    return tuple(itertools.chain.from_iterable(parsed))


def parse_clamps(text: str) -> tuple[Clamp, ...]:
    """Several clamps with spaces between, the first MOST_CLAMPS of them. Raises ClampError."""
    return tuple(map(Clamp.parse, text.split()[:MOST_CLAMPS]))


def parse_units(text: str) -> tuple[int, ...]:
    """Numbers of units, with commas or spaces between, and ranges such as 7-9. Raises ClampError.

    >>> parse_units("7-9, 3")
    (3, 7, 8, 9)
    """
    is_meant = np.zeros(UNITS, np.bool_)  # not a set, which many long ranges would fill again and again
    for part in text.replace(",", " ").split():
        found = _RANGE.fullmatch(part)
        if found is None:
            raise ClampError(
                f"Units must be written as numbers and ranges, such as 3, 7-9, got {shown(part)}."
            )
        first, last = int(found[1]), int(found[2] or found[1])
        if first > last:
            raise ClampError(f"A range of units must begin with its smaller number, got {shown(part)}.")
        if last >= UNITS:
            raise ClampError(f"The number of a unit must be below {UNITS:,}, got {shown(part)}.")
        is_meant[first : last + 1] = True
    if not is_meant.any():
        raise ClampError("Units must be written as numbers and ranges, such as 3, 7-9, got none.")
    return tuple(np.flatnonzero(is_meant).tolist())


def units_in_short(units: Sequence[int]) -> str:
    """Units in ascending order as `parse_units` reads them.

    >>> units_in_short([3, 7, 8, 9])
    '3,7-9'
    """
    runs: list[list[int]] = []
    for unit in units:
        if runs and unit == runs[-1][-1] + 1:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def holdable(declared: CellDeclaration) -> tuple[Symbol, ...]:
    """The quantities that a cell computes itself, which can be held; the others follow from them."""
    return tuple(symbol for symbol in declared.symbols if symbol.letter not in declared.shown)


def check_held(
    trace: Trace, clamps: Sequence[Clamp], patches: Sequence[Patch] = (), *, goes_on: bool = False
) -> None:
    """Raise ClampError where something can't be held while the text of a trace is read.

    The cell may have no such quantity, value or unit, the text no such time step unless it `goes_on`, and a
    patch a state that is not that of such a cell, as large, in the same layer; or there are too many.
    """
    T, H = trace.arrays["h"].shape
    check_from_any_time(clamps, patches, trace.declared, H, trace.layer)
    times = (*(max(clamp.first, clamp.last or 0) for clamp in clamps), *(patch.at for patch in patches))
    for time in () if goes_on else times:
        if not 0 <= time < T:
            raise ClampError(_beyond("time steps", T, time))


def _check_can_be_held(clamp: Clamp, declared: CellDeclaration, H: int) -> None:
    letters = [symbol.letter for symbol in holdable(declared)]
    if clamp.letter not in letters:
        why = f"{declared.noun} has no quantity called {shown(clamp.letter)}"
        if clamp.letter in {symbol.letter for symbol in declared.symbols}:
            why = f"the {declared[clamp.letter].name} follows from what {declared.noun} computes"
        raise ClampError(f"{why[0].upper()}{why[1:]}: hold {either(letters)}.")
    symbol = declared[clamp.letter]
    low, high = symbol.bounds or (-LARGEST, LARGEST)
    high = min(high, LARGEST)
    if not low <= clamp.value <= high:
        raise ClampError(
            f"The {symbol.common_name} {symbol.letter} must be held between {low:,g} and {high:,g}, "
            f"got {f'{clamp.value:,}'.removesuffix('.0')}."
        )
    if clamp.last is not None and clamp.last < clamp.first:
        raise ClampError(
            f"A clamp must end at {clamp.first:,}, where it begins, or at a later time step, got "
            f"{clamp.last:,}."
        )
    if clamp.units is not None and clamp.units[-1] >= H:
        raise ClampError(_beyond("units", H, clamp.units[-1]))


def hold(model: Model, trace: Trace, clamps: Iterable[Clamp], patches: Iterable[Patch] = ()) -> Held | None:
    """The text read as `read_clamped` reads it, with what was held; None where that is nothing."""
    clamps, patches = tuple(clamps), tuple(patches)
    if not clamps and not patches:
        return None
    return Held(clamps=clamps, patches=patches, after=read_clamped(model, trace, clamps, patches))


def read_clamped(
    model: Model, trace: Trace, clamps: Sequence[Clamp] = (), patches: Sequence[Patch] = ()
) -> Trace:
    """The text of a trace as this model reads it with all this held; the trace where nothing is held.

    Raises ClampError as `check_held` does.
    """
    check_held(trace, clamps, patches)
    if not clamps and not patches:
        return trace
    holds = held_at(trace.arrays["h"].shape, clamps, patches)
    since = min(int(is_held.any(dim=1).int().argmax()) for is_held in holds.is_held.values())
    with torch.inference_mode():
        return _read_on(model.classifier, trace, holds, since)


def _read_on(classifier: Classifier, trace: Trace, holds: Holds, since: int) -> Trace:
    """The trace as it is before a time step, and as it is with all this held from there on."""
    xs, packed = window_inputs(classifier, trace.review.ids)
    read = classifier.below(trace.layer, xs, packed)
    state = tuple(torch.from_numpy(values)[None] for values in trace.states_before(since).values())
    cell, rest = classifier.layers[trace.layer - 1], packing(torch.tensor([len(xs) - since]))
    held = holds.starting_at(since)
    steps = unroll(cell, read[since:], rest, naive=True, state=state, holds=held)
    computed = packed_steps(steps)._asdict()
    arrays = {
        letter: np.concatenate([trace.arrays[letter][:since], values.numpy()])
        for letter, values in trace.declared.complete(computed).items()
    }
    hs = torch.from_numpy(arrays["h"])
    if not classifier.config.bidirectional:
        answers = answers_after(classifier, xs, classifier.above(trace.layer, hs, packed))[since:]
    elif trace.back is not None:
        answers = answers_after(classifier, xs, hs, torch.from_numpy(trace.back))[since:]
    else:
        answers = _both_ways(classifier, trace.layer, xs, hs, holds, since)
    return replace(trace, arrays=arrays, answers=np.concatenate([trace.answers[:since], answers.numpy()]))


def held_at(
    shape: tuple[int, ...], clamps: Sequence[Clamp], patches: Sequence[Patch], since: int = 0
) -> Holds:
    """Everything that is held at each of T time steps from `since` on, given (T, H).

    Where several clamps hold the same, the one that comes last counts.
    """
    values, is_held = dict[str, Tensor](), dict[str, Tensor]()

    def hold(letter: str, times: slice, units: Sequence[int] | None, value: Any) -> None:
        columns = slice(None) if units is None else list(units)
        values.setdefault(letter, torch.zeros(shape))[times, columns] = torch.as_tensor(value)
        is_held.setdefault(letter, torch.zeros(shape, dtype=torch.bool))[times, columns] = True

    for patch in patches:
        for letter, states in patch.source.states.items():
            hold(letter, _time_slice(since, patch.at, patch.at), None, states[patch.token])
    for clamp in clamps:
        hold(clamp.letter, _time_slice(since, clamp.first, clamp.last), clamp.units, clamp.value)
    return Holds(values=values, is_held=is_held)


def _time_slice(since: int, first: int, last: int | None) -> slice:
    """The time steps from the first to the last one, both included, counted from `since`."""
    return slice(max(first - since, 0), None if last is None else max(last + 1 - since, 0))


def _both_ways(
    classifier: Classifier, layer: int, xs: Tensor, hs: Tensor, holds: Holds, since: int
) -> Tensor:
    """The verdicts after the tokens from a time step on, of a network that reads in both directions.

    It begins again at each token. So does all above the lowest layer, which reads what comes from the end,
    and what is held there is held each time; of the lowest layer the states (T, H) are the same each time.
    """
    answers = []
    for lengths in torch.arange(len(xs), since, -1).split(rows_at_once(len(xs))):
        packed = packing(lengths)
        read, cell = classifier.below(layer, xs[packed.times], packed), classifier.layers[layer - 1]
        if layer == 1:
            forwards = hs[packed.times]
        else:
            forwards = torch.cat([step.h for step in unroll(cell, read, packed, naive=True, holds=holds)])
        turned = packed.backwards()
        back = run(classifier.backward_layers[layer - 1], read[turned], packed, every=True)[turned]
        top = classifier.above(layer, torch.cat([forwards, back], dim=1), packed)
        answers.append(compared(classifier.head(classifier.pool(top, packed))))
    return torch.cat(answers).flip(0)


def _check_fits(patch: Patch, declared: CellDeclaration, H: int, layer: int) -> None:
    shapes = {letter: states.shape[1] for letter, states in patch.source.states.items()}
    if shapes != dict.fromkeys(declared.states, H) or patch.source.layer != layer:
        raise ClampError(
            "A state can only be taken from the same layer of a cell with the same states and as many units: "
            "let the same network read both texts."
        )
    count = len(patch.source.logits)
    if not 0 <= patch.token < count:
        raise ClampError(_beyond("time steps in the other text", count, patch.token))


def check_from_any_time(
    clamps: Sequence[Clamp], patches: Sequence[Patch], declared: CellDeclaration, H: int, layer: int
) -> None:
    """Raise ClampError as `check_held` does, for a text that may come to any time step."""
    for what, held in (("clamps", clamps), ("patches", patches)):
        if len(held) > MOST_CLAMPS:
            raise ClampError(f"At most {MOST_CLAMPS} {what} are held at once, got {len(held):,}.")
    for clamp in clamps:
        _check_can_be_held(clamp, declared, H)
    for patch in patches:
        _check_fits(patch, declared, H, layer)


def _beyond(name: str, count: int, got: int) -> str:
    return f"There are {count:,} {name}, counted from 0 to {count - 1:,}, got {got:,}."
