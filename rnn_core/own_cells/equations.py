"""What a formula says of the equations of a task: what is wrong in them, and what is right in another way.

For each family of cells a function goes over the formula and yields what is wrong, the first thing first. A
cell is right of its family where nothing is.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rnn_core.equations.printing import printed
from rnn_core.own_cells.formula import ONE, ZERO, Factor, Formula, Gate, Part, Written
from rnn_core.own_cells.lifting import Lifted
from rnn_core.own_cells.report import Remark, remark

_NAMES = {
    "forget": {"f", "ft", "forget", "fg"},
    "input": {"i", "it", "input", "inp", "ig"},
    "update": {"z", "zt", "update", "u", "upd"},
    "reset": {"r", "rt", "reset", "res"},
}
"""What students call gates."""


class Wrong(NamedTuple):
    """One thing that is wrong in the equations."""

    code: str
    sentence: str
    at: str = "h'"
    """The quantity whose line is named."""


class Reading:
    """The equations of a file as a formula, beside its weights and its variables."""

    def __init__(
        self, lifted: Lifted, states: Sequence[str], sizes: Mapping[str, int], hidden_size: int
    ) -> None:
        """`sizes` are the numbers of each parameter that is trained, by its name. Raises NoFormulaError."""
        self.hidden_size = hidden_size
        self.written = Written(lifted, states)
        self.formula: Formula = self.written.formula()
        self.parts: Sequence[Part] = self.written.parts
        self.sizes = sizes
        self._numbers = {
            name: {(use.parameter, int(place)) for place in use.places.flat}
            for name, use in lifted.weights.items()
        }
        self._called: dict[str, list[tuple[int, str]]] = {}
        """By an expression, printed: the variables that get it, and their lines; what is returned last."""
        for line, name, one in sorted(lifted.variables, key=lambda of: of[1] == "return"):
            written = printed(self.written.out(one))
            self._called.setdefault(written, []).append((line, name))
        self._lines = lifted.at

    def _variables(self, keys: Sequence[str]) -> list[tuple[int, str]]:
        """The variables that get one of these, which are written over parts."""
        ways = (way for key in keys for way in sorted(self.written.said.get(key, {key})))
        return sorted(one for way in ways for one in self._called.get(way, ()))

    def _keys(self, quantity: str) -> list[str]:
        kind, _, place = quantity.partition(" ")
        if kind == "sum":
            return [f"part {place}"]
        if kind == "gate":
            functions = dict.fromkeys(gate.function for gate in self._gates() if gate.part == int(place))
            return [f"{one}(part {place})" for one in functions if one != "nothing"] or [f"part {place}"]
        candidate = self.formula.mix.candidate
        return list(self.written.keys_of(candidate)) if quantity == "n" and candidate else [quantity]

    def _gates(self) -> list[Gate]:
        mix, shown = self.formula.mix, self.formula.shown
        inside = [gate for part in self.parts for term in part.terms for gate in term.gates]
        return [*mix.gates, *(shown.factor.gates if shown else ()), *inside]

    def line(self, quantity: str) -> int | None:
        """The line where a variable gets a quantity; that of the new state where there is none."""
        for name in dict.fromkeys((quantity, "h'", "c'")):
            if found := self._variables(self._keys(name)):
                return found[0][0]
        return None

    def names(self, place: int) -> set[str]:
        """What the student calls a gate, in small letters: its variables, else its parameters."""
        keys = [*self._keys(f"gate {place}"), f"part {place}"]
        keys += [f"1 - {key}" for key in keys]
        found = {word for _, name in self._variables(keys) for word in _words(name)}
        return found or {word for name in self.parameters_of(place) for word in _words(name)}

    def parameters_of(self, place: int) -> list[str]:
        """The parameters that a part is made of."""
        return list(
            dict.fromkeys(self.written.weights[term.weight].parameter for term in self.parts[place].terms)
        )

    def numbers_of(self, weight: str) -> set[tuple[str, int]]:
        """The numbers of a weight: its parameter, and places in it."""
        return self._numbers[weight]

    def shown(self, place: int, letter: str) -> str:
        """A gate by its letter, and by the student's own name where that is another one."""
        for _, name in self._variables(self._keys(f"gate {place}")):
            if name != "return":
                return letter if name == letter else f"{letter} (your `{name}`)"
        return letter

    @property
    def unused(self) -> list[str]:
        """The parameters of which no new state depends."""
        used = {parameter for numbers in self._numbers.values() for parameter, _ in numbers}
        return [name for name in self.sizes if name not in used]

    def sees(self, places: Sequence[int], of: str) -> str:
        """How much parts get of x or of a state: "all", "own" unit only, or "none" of it."""
        several = [term for place in places for term in self.parts[place].terms if term.of == of]
        if not several:
            return "none"
        return "all" if any(term.is_matrix for term in several) else "own"


def _words(name: str) -> list[str]:
    """The words of a name in small letters: "W_f" has w and f, "forgetGate" forget and gate.

    >>> _words("forgetGate.weight_f1")
    ['forget', 'gate', 'weight', 'f']
    """
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return [word.lower() for word in re.split(r"[^A-Za-z]+", spread) if word]


Family = Callable[[Reading], Iterator[Wrong]]


def of_plain(reading: Reading) -> Iterator[Wrong]:
    """The plain cell, h' = tanh(x W + h U + b)."""
    mix = reading.formula.mix
    candidate = mix.candidate
    if candidate is None or _resets(reading) or mix.gates or reading.formula.shown:
        yield Wrong("another-cell", "It has gates, which the plain cell has not.")
        return
    if mix.plus is not None:
        yield Wrong(
            "outside-nonlinearity",
            f"The sum of x W and h U must stand inside of one tanh; yours is "
            f"{_function(candidate.function)} of "
            f"{_seen_by(reading, candidate.part)} plus {_function(mix.plus.function)} of "
            f"{_seen_by(reading, mix.plus.part)}. "
            "Add up first, then apply tanh.",
        )
        return
    if mix.keep.constant or mix.keep.gates or candidate.added:
        yield Wrong(
            "state-added", "The old h is added as it is, beside h U. Leave it out: h' = tanh(x W + h U + b)."
        )
    if mix.function != "nothing":
        yield Wrong(
            "extra-nonlinearity", f"There is {_function(mix.function)} around the new state; leave it out."
        )
    yield from _sight(reading, candidate.parts, "the new state", "h'")
    if candidate.function not in ("tanh", "relu"):
        yield _of_function(candidate.function, "the new state", "h'")


def of_gru(reading: Reading) -> Iterator[Wrong]:
    """A GRU with the reset before or after the product."""
    yield from _gated(reading, with_reset=True)


def of_ugrnn(reading: Reading) -> Iterator[Wrong]:
    """A UGRNN: a GRU without its reset gate."""
    yield from _gated(reading, with_reset=False)


def of_mingru(reading: Reading) -> Iterator[Wrong]:
    """A minGRU (Feng et al., 2024): gate and candidate see the word alone."""
    mix = reading.formula.mix
    if (
        not mix.is_balanced
        or mix.candidate is None
        or mix.candidate.gates
        or mix.function != "nothing"
        or mix.outer.gates
    ):
        yield Wrong("another-cell", "It is no mixture by one gate.")
    elif any(reading.sees([place], "h") != "none" for place in range(len(reading.parts))):
        yield Wrong("another-cell", "Its gate or its candidate sees the state.")
    elif mix.candidate.function not in ("nothing", "tanh"):
        yield Wrong("another-cell", "Its candidate has another function.")


def of_mgu(reading: Reading) -> Iterator[Wrong]:
    """A minimal gated unit (Zhou et al., 2016): one gate for update and reset."""
    mix = reading.formula.mix
    resets = _resets(reading)
    if not mix.is_balanced or not resets or {gate.part for gate in resets} != {mix.write.gates[0].part}:
        yield Wrong("another-cell", "It has not one gate for both.")
    elif mix.candidate is None or mix.candidate.function != "tanh" or mix.function != "nothing":
        yield Wrong("another-cell", "Its candidate has another function.")


def _gated(reading: Reading, *, with_reset: bool) -> Iterator[Wrong]:
    mix = reading.formula.mix
    candidate = mix.candidate
    if candidate is None or mix.plus is not None or reading.formula.shown is not None:
        yield Wrong("another-cell", "It is no mixture of the old state and a candidate.")
        return
    resets = _resets(reading)
    places = {gate.part for gate in resets}
    keep, write = mix.keep, mix.write
    if (keep, write) == (ZERO, ONE) and not mix.outer.gates:
        yield Wrong(
            "old-state-not-kept",
            "The new state is the candidate alone: there is no update gate that keeps a share of the old "
            "state. The last line is h' = (1 - z) * h + z * n.",
        )
        return
    yield from _of_update(reading, keep, write, places)
    if mix.outer.gates:
        yield Wrong(
            "reset-on-new-state",
            f"{_capital(reading.shown(mix.outer.gates[0].part, 'r'))} multiplies the new state. The reset "
            f"gate acts on "
            "the old state inside of the candidate only: n = tanh(x W + (r * h) U + b).",
        )
    if candidate.outer.gates:
        yield Wrong(
            "reset-on-new-state",
            f"{_capital(reading.shown(candidate.outer.gates[0].part, 'r'))} multiplies the candidate after "
            f"its tanh. The "
            "reset gate acts on the old state inside of the candidate only: n = tanh(x W + (r * h) U + b).",
            "n",
        )
    if candidate.inner.gates:
        yield Wrong(
            "reset-on-input",
            f"{_capital(reading.shown(candidate.inner.gates[0].part, 'r'))} multiplies the whole sum in "
            f"the candidate, "
            "x W included. It belongs to h (or to h U) alone: n = tanh(x W + (r * h) U + b).",
            "n",
        )
    elif (
        candidate.gated is not None
        and candidate.gate.gates
        and reading.sees([candidate.gated], "h") == "none"
    ):
        yield Wrong(
            "reset-on-input",
            "The reset gate multiplies x W. It belongs to h (or to h U): n = tanh(x W + (r * h) U + b).",
            "n",
        )
    if mix.function == "1 more":
        yield Wrong(
            "update-unbalanced",
            "The last line is 1 - z * h + z * n: a pair of parentheses is missing. Write (1 - z) * h + z * "
            "n.",
        )
    elif mix.function != "nothing":
        yield Wrong(
            "extra-nonlinearity",
            f"There is {_function(mix.function)} around the whole last line; leave it out: h' = (1 - z) * "
            f"h + z * n.",
        )
    for place in sorted({gate.part for gate in mix.gates} | places):
        letter = "r" if place in places else "z"
        yield from _of_gates(reading, place, letter, [*mix.gates, *resets])
        yield from _sight(reading, {place}, reading.shown(place, letter), f"gate {place}", is_gate=True)
    if candidate.function != "tanh":
        yield _of_function(candidate.function, "the candidate n", "n", is_candidate=True)
    yield from _sight(reading, candidate.parts, "the candidate n", "n")
    updates = {gate.part for gate in keep.gates + write.gates}
    elsewhere = {gate.part for gate in mix.outer.gates + candidate.outer.gates + candidate.inner.gates}
    if (
        with_reset
        and not places
        and not elsewhere
        and len(updates) < 2
        and not (len(keep.gates) > 1 or len(write.gates) > 1)
    ):
        unused = reading.unused
        made = f" ({', '.join(unused)} change nothing)" if unused else ""
        yield Wrong(
            "reset-missing",
            f"The reset gate is missing: the candidate sees the whole old state{made}. It is "
            "n = tanh(x W + (r * h) U + b). What you have is a UGRNN, a right cell, but no GRU.",
            "n",
        )
    elif not with_reset and places:
        yield Wrong("another-cell", "It has a reset gate.")
    elif with_reset and places and places <= updates:
        yield Wrong(
            "shared-gates",
            "One gate is both reset and update gate: r and z need weights of their own. (With one gate for "
            "both it is "
            "a minimal gated unit, a right cell, but no GRU.)",
            "n",
        )
    yield from _shared(reading)
    if with_reset and len(places) == 1 and len(updates) == 1:
        (reset,), (update,) = places, updates
        if _are_named(reading, reset, update, "update", "reset"):
            yield Wrong(
                "gates-exchanged",
                "The update is done with your reset gate, and your update gate acts in the candidate: "
                "exchange both. "
                "h' = (1 - z) * h + z * n, and r stands inside of n.",
            )


def _resets(reading: Reading) -> list[Gate]:
    """The gates that act on the old state inside of the candidate."""
    candidate = reading.formula.mix.candidate
    if candidate is None:
        return []
    found = list(candidate.gate.gates)
    for place in candidate.parts:
        found += [gate for term in reading.parts[place].terms for gate in term.gates]
    return found


def _of_update(reading: Reading, keep: Factor, write: Factor, resets: set[int]) -> Iterator[Wrong]:
    """What is wrong in h' = (1 - z) * h + z * n, given both factors."""
    right = "Write h' = (1 - z) * h + z * n."
    if reading.formula.mix.is_balanced or reading.formula.mix.function == "1 more":
        return
    if keep == write and len(keep.gates) == 1:
        z = reading.shown(keep.gates[0].part, "z")
        share = f"1 - {z}" if keep.gates[0].is_complement else z
        yield Wrong("z-twice", f"Both the old state and the candidate are weighted with {share}. {right}")
        return
    if keep.gates and write.gates:
        extra = set(keep.gates) - {_turned(gate) for gate in write.gates}
        if len(keep.gates) == 2 and len(write.gates) == 1 and len(extra) == 1:
            r = reading.shown(next(iter(extra)).part, "r")
            yield Wrong(
                "reset-in-update",
                f"The old state that is kept is multiplied with {r} as well. The reset gate acts inside of "
                f"the "
                f"candidate only. {right}",
            )
            return
        both = set(keep.gates) & set(write.gates)
        if len(keep.gates) == len(write.gates) == 2 and len(both) == 1:
            r = reading.shown(next(iter(both)).part, "r")
            yield Wrong(
                "reset-on-new-state",
                f"The new state is multiplied with {r}. The reset gate acts on the old state inside of the "
                f"candidate "
                f"only: n = tanh(x W + (r * h) U + b).",
            )
            return
        extra = set(write.gates) - {_turned(gate) for gate in keep.gates}
        if len(keep.gates) == 1 and len(write.gates) == 2 and len(extra) == 1:
            r = reading.shown(next(iter(extra)).part, "r")
            yield Wrong(
                "reset-on-new-state",
                f"The candidate is multiplied with {r} in the last line. The reset gate acts on the old "
                f"state inside of "
                "the candidate only: n = tanh(x W + (r * h) U + b).",
            )
            return
        if keep.gates[0].part != write.gates[0].part:
            yield Wrong(
                "wrong-gate-in-update",
                "The old state and the candidate are weighted by two gates, whose shares do not add up to "
                "one. "
                f"{right}",
            )
            return
    if keep.constant == 0:
        yield Wrong(
            "old-state-not-kept",
            f"The last line takes the candidate alone; nothing of the old state stays. {right}",
        )
    elif not keep.gates and not write.gates:
        yield Wrong("update-unbalanced", f"There is no update gate: the shares are fixed numbers. {right}")
    elif not keep.gates:
        yield Wrong(
            "update-unbalanced", f"The old state is kept whole, and the candidate is added to it. {right}"
        )
    elif not write.gates:
        yield Wrong(
            "update-unbalanced", f"The candidate is added whole, beside a share of the old state. {right}"
        )
    else:
        yield Wrong(
            "update-unbalanced", f"The shares of old state and candidate do not add up to one. {right}"
        )


def of_lstm(reading: Reading) -> Iterator[Wrong]:
    """An LSTM, with coupled gates and peepholes where they are."""
    formula = reading.formula
    mix, shown = formula.mix, formula.shown
    candidate = mix.candidate
    if shown is None or candidate is None:
        yield Wrong("another-cell", "It has one state.")
        return
    right = "c' = f * c + i * g"
    keep, write = mix.keep, mix.write
    if formula.returned == ("c'", "h'"):
        yield Wrong(
            "tuple-order",
            "c is returned first, then h. h comes first, in what comes in and in what is returned: return "
            "h, c.",
        )
    elif mix.memory == "h":
        yield Wrong(
            "memory-exchanged",
            f"What the forget gate keeps is the old h; it must be the old c: {right}.",
            "c'",
        )
    if len(keep.gates) > 1 or len(write.gates) > 1:
        yield Wrong(
            "wrong-gate-in-update", f"More than one gate weights the old c or the candidate: {right}.", "c'"
        )
    elif keep.constant == 0:
        yield Wrong("old-state-ignored", f"Nothing of the old c goes into the new one: {right}.", "c'")
    elif keep == write and keep.gates:
        yield Wrong(
            "gate-twice", f"One gate weights both the old c and the candidate. Two are needed: {right}.", "c'"
        )
    elif not keep.gates:
        yield Wrong(
            "forget-gate-missing", f"The old c is kept whole: there is no forget gate. {right}.", "c'"
        )
    elif not write.gates:
        yield Wrong(
            "input-gate-missing", f"The candidate is added whole: there is no input gate. {right}.", "c'"
        )
    elif (keep.constant, write.constant) != (1, 1):
        yield Wrong("update-unbalanced", f"There is a wrong factor in the new c: {right}.", "c'")
    if mix.outer.gates or candidate.gates:
        yield Wrong("wrong-gate-in-update", f"One more gate acts on the new c: {right}.", "c'")
    if mix.function != "nothing":
        yield Wrong(
            "extra-nonlinearity", f"There is {_function(mix.function)} around the new c: {right}.", "c'"
        )
    if formula.returned in (("h'", "c"), ("h'", "h"), ("h'", "h'")):
        what = {"c": "the old c", "h": "the old h", "h'": "h once more"}[formula.returned[1]]
        yield Wrong("h-returned-for-c", f"In the place of the new c {what} is returned: return h, c.")
    updates = {gate.part for gate in keep.gates + write.gates}
    factor = shown.factor
    if shown.of == "c'" and shown.function == "nothing" and not factor.gates:
        yield Wrong(
            "c-returned-for-h",
            "The new c is returned in the place of h: the output gate is left out. h' = o * tanh(c').",
        )
    else:
        if not factor.gates:
            unused = reading.unused
            made = f" ({', '.join(unused)} change nothing)" if unused else ""
            yield Wrong("output-gate-missing", f"The output gate is left out{made}: h' = o * tanh(c').")
        elif {gate.part for gate in factor.gates} & updates or len(factor.gates) > 1:
            yield Wrong(
                "wrong-gate-shown",
                "The forget or input gate stands in the place of the output gate: h' = o * tanh(c').",
            )
        if shown.of == "n":
            yield Wrong("candidate-shown", "h is made of the candidate, not of the new c: h' = o * tanh(c').")
        elif shown.of != "c'":
            yield Wrong(
                "old-c-shown", f"h is made of the old {shown.of}, not of the new c: h' = o * tanh(c')."
            )
        elif shown.function == "nothing":
            yield Wrong("tanh-of-c-missing", "The tanh of c is missing in h' = o * tanh(c').")
        elif shown.function != "tanh":
            yield Wrong("wrong-nonlinearity", f"h' has {_function(shown.function)} of c: h' = o * tanh(c').")
    letters = {gate.part: "o" for gate in factor.gates}
    letters |= {gate.part: "i" for gate in write.gates} | {gate.part: "f" for gate in keep.gates}
    for place, letter in sorted(letters.items()):
        yield from _of_gates(reading, place, letter, [*mix.gates, *factor.gates])
        yield from _sight(reading, {place}, reading.shown(place, letter), f"gate {place}", is_gate=True)
    if candidate.function != "tanh":
        yield _of_function(candidate.function, "the candidate g", "n", is_candidate=True)
    yield from _sight(reading, candidate.parts, "the candidate g", "n")
    yield from _shared(reading)
    if (
        len(keep.gates) == len(write.gates) == 1
        and not mix.is_balanced
        and _are_named(reading, keep.gates[0].part, write.gates[0].part, "input", "forget")
    ):
        yield Wrong(
            "forget-input-exchanged",
            "Your input gate weights the old c, and your forget gate the candidate: exchange both. "
            "c' = f * c + i * g.",
            "c'",
        )


def _sight(
    reading: Reading, places: set[int], what: str, at: str, *, is_gate: bool = False
) -> Iterator[Wrong]:
    """What a gate or candidate does not see of the word and of the state."""
    where = sorted(places)
    if _share(reading, where, "x", where, "h"):
        yield Wrong(
            "shared-weights",
            "x and h are multiplied with the same weights: each needs a matrix of its own.",
            at,
        )
    of_h, of_x = reading.sees(where, "h"), reading.sees(where, "x")
    if of_h == "none" and reading.sees(where, "c") == "all":
        yield Wrong("memory-exchanged", f"{_capital(what)} sees c where it must see h: x W + h U + b.", at)
    elif of_h == "none":
        made = f" ({', '.join(reading.unused)} change nothing)" if reading.unused else ""
        code = "gate-without-state" if is_gate else "old-state-ignored"
        yield Wrong(
            code, f"{_capital(what)} does not depend on the old h by weights{made}: x W + h U + b.", at
        )
    elif of_h == "own":
        yield Wrong(
            "own-unit-only",
            f"In {what} each unit sees only itself: U must be a matrix (H, H), not a vector.",
            at,
        )
    elif of_h == "some":
        yield Wrong("wrong-sizes", f"In {what} some units do not see all of h: U must be (H, H).", at)
    if of_x == "none":
        made = f" ({', '.join(reading.unused)} change nothing)" if reading.unused else ""
        code = "gate-without-input" if is_gate else "input-ignored"
        yield Wrong(code, f"{_capital(what)} does not depend on the word x{made}: x W + h U + b.", at)
    elif of_x != "all":
        yield Wrong("wrong-sizes", f"In {what} some units do not see all of x: W must be (E, H).", at)
    biases = [term.weight for place in where for term in reading.parts[place].terms if term.of == "1"]
    if biases and all(len(reading.numbers_of(one)) == 1 for one in biases):
        names = dict.fromkeys(parameter for one in biases for parameter, _ in reading.numbers_of(one))
        sentence = f"In {what} all units have one number as their bias ({', '.join(names)}): b must be (H,)."
        yield Wrong("one-bias", sentence, at)


def _share(
    reading: Reading, places: Sequence[int], of: str, others: Sequence[int], of_others: str
) -> set[str]:
    """The parameters that are multiplied with one thing in some parts, and with another one in others."""

    def numbers(some: Sequence[int], wanted: str) -> set[tuple[str, int]]:
        terms = [term for place in some for term in reading.parts[place].terms if term.of == wanted]
        return {number for term in terms for number in reading.numbers_of(term.weight)}

    return {parameter for parameter, _ in numbers(places, of) & numbers(others, of_others)}


def _of_gates(reading: Reading, place: int, letter: str, gates: Sequence[Gate]) -> Iterator[Wrong]:
    """A gate with another function than a sigmoid."""
    for function in dict.fromkeys(gate.function for gate in gates if gate.part == place):
        if function == "softmax":
            yield Wrong(
                "softmax-for-sigmoid",
                f"{letter} is a softmax over the units. A gate is a sigmoid, for each unit by itself.",
                f"gate {place}",
            )
        elif function == "nothing":
            yield Wrong(
                "no-nonlinearity",
                f"The sigmoid of the gate {letter} is missing: it must be a share between 0 and 1.",
                f"gate {place}",
            )
        elif function != "sigmoid":
            yield Wrong(
                "gate-not-sigmoid",
                f"The gate {letter} has {_function(function)}. A gate is a share between 0 and 1: a sigmoid.",
                f"gate {place}",
            )


def _of_function(function: str, what: str, at: str, *, is_candidate: bool = False) -> Wrong:
    if function == "nothing":
        return Wrong(
            "no-nonlinearity",
            f"The tanh is missing: {what} is a sum of products. Put torch.tanh around it.",
            at,
        )
    if function == "sigmoid" and is_candidate:
        return Wrong(
            "candidate-by-sigmoid", f"{_capital(what)} is a sigmoid. It must be a tanh, between -1 and 1.", at
        )
    return Wrong("wrong-nonlinearity", f"{_capital(what)} has {_function(function)}. It must be a tanh.", at)


def _shared(reading: Reading) -> Iterator[Wrong]:
    """Weights that act in several gates at once."""
    places: dict[tuple[str, int], set[int]] = {}
    of_state: set[tuple[str, int]] = set()
    for place, part in enumerate(reading.parts):
        for term in part.terms:
            for number in reading.numbers_of(term.weight):
                places.setdefault(number, set()).add(place)
                if term.of in ("h", "c"):
                    of_state.add(number)
    shared = {number for number, several in places.items() if len(several) > 1}
    names = sorted({parameter for parameter, _ in shared})
    if shared & of_state:
        yield Wrong(
            "shared-recurrent",
            f"Several gates share {', '.join(names)}: each gate and the candidate need a U of their own.",
        )
    elif any(reading.sizes[name] > reading.hidden_size for name in names):
        yield Wrong("shared-gates", f"Several gates share {', '.join(names)}: each needs weights of its own.")


def _are_named(reading: Reading, one: int, other: int, first: str, second: str) -> bool:
    """Whether one gate bears the name of the first kind alone, and the other that of the second."""
    of_one, of_other = reading.names(one), reading.names(other)
    return (
        bool(of_one & _NAMES[first])
        and not of_one & _NAMES[second]
        and bool(of_other & _NAMES[second])
        and not of_other & _NAMES[first]
    )


def _turned(gate: Gate) -> Gate:
    return gate._replace(is_complement=not gate.is_complement)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:] if not re.match(r"[a-z] ?(\(|$)", words) else words


def _function(name: str) -> str:
    return {"nothing": "no function", "relu": "ReLU"}.get(name, name)


def _seen_by(reading: Reading, place: int) -> str:
    seen = [
        f"{of} {weights}" for of, weights in (("x", "W"), ("h", "U")) if reading.sees([place], of) != "none"
    ]
    return " + ".join(seen) or "a bias"


FAMILIES: Mapping[str, tuple[Family, ...]] = {
    "a plain RNN": (of_plain,),
    "a GRU": (of_gru,),
    "a UGRNN": (of_ugrnn,),
    "a minimal gated unit": (of_mgu,),
    "a minGRU": (of_mingru,),
    "an LSTM": (of_lstm,),
}
"""The cells that are known, by what they are called in a sentence."""


def family_of(reading: Reading) -> str:
    """The cell of which nothing is wrong; empty where there is none."""
    for name, families in FAMILIES.items():
        if not any(True for family in families for _ in family(reading)):
            return name
    return ""


def wrong_in(reading: Reading, expected: str) -> list[Remark]:
    """What is wrong with a cell that should be one of these, the first mistake first."""
    found = [wrong for family in FAMILIES[expected] for wrong in family(reading)]
    if found and (other := family_of(reading)) and found[0].code in ("another-cell", "old-state-not-kept"):
        sentence = f"What the file computes is {other}, a right cell, but the task asks for {expected}."
        return [remark("another-cell", sentence, line=reading.line("h'"))]
    several = dict.fromkeys(found)
    return [remark(wrong.code, wrong.sentence, line=reading.line(wrong.at)) for wrong in several]


def in_words(reading: Reading, family: str) -> str:
    """The cell in words, such as "a GRU with the reset before the product, z keeps the old state"."""
    mix, words = reading.formula.mix, []
    if family == "a plain RNN":
        return f"{family} with {_function(mix.candidate.function)}" if mix.candidate else family
    if family == "a GRU" and mix.candidate is not None:
        place = "after" if mix.candidate.gated is not None else "before"
        words.append(f"the reset {place} the product")
    if family in ("a GRU", "a UGRNN", "a minGRU", "a minimal gated unit") and mix.is_balanced:
        words.append("z keeping the old state" if _keeps(reading) else "z taking the candidate")
    if family == "an LSTM" and mix.is_balanced:
        words.append("coupled gates")
    if family == "an LSTM" and _has_peepholes(reading):
        words.append("peepholes")
    return f"{family} with {' and '.join(words)}" if words else family


def notes_on(reading: Reading, family: str) -> Iterator[Remark]:
    """What is right in another way than in the equations, or worth knowing."""
    mix = reading.formula.mix
    if family == "a plain RNN" and mix.candidate is not None and mix.candidate.function == "relu":
        yield remark(
            "relu", "The new state is a ReLU in the place of a tanh; both are right.", line=reading.line("h'")
        )
    if family == "a GRU" and mix.candidate is not None:
        if mix.candidate.gated is not None:
            yield remark(
                "reset-after", "The reset gate acts after the product with U, as in PyTorch; both are right."
            )
        else:
            yield remark(
                "reset-before", "The reset gate acts on h, before the product with U; both are right."
            )
    if family in ("a GRU", "a UGRNN") and mix.is_balanced and _keeps(reading):
        yield remark(
            "keep-gate",
            "z keeps the old state, as in PyTorch; in the task's equation it takes the candidate. Both are "
            "right; "
            "say which you mean.",
            line=reading.line("h'"),
        )
    if family == "an LSTM" and mix.is_balanced:
        yield remark(
            "coupled-gates", "One gate forgets as much as it writes (coupled gates); that is right, too."
        )
    if family == "an LSTM" and _has_peepholes(reading):
        yield remark("peepholes", "The gates see the cell state, too (peepholes); that is right.")
    if size := next((part.offset for part in reading.parts if part.offset), 0.0):
        yield remark(
            "built-in-offset", f"A gate has {size:+g} built in, a bias that does not learn; that is right."
        )
    biases = [sum(term.of == "1" for term in part.terms) for part in reading.parts]
    if biases and max(biases) > 1:
        yield remark(
            "two-biases", "Two biases are added up in one gate: harmless, since their sum is one bias."
        )
    elif biases and not any(biases):
        yield remark("no-bias", "There is no bias. It is not needed, and often helps a little.")


def _keeps(reading: Reading) -> bool:
    return not reading.formula.mix.keep.gates[0].is_complement


def _has_peepholes(reading: Reading) -> bool:
    return any(term.of in ("c", "c'") for part in reading.parts for term in part.terms)
