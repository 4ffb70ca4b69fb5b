"""The mistakes of a formula beside the equations of a task, and what is right in another way.

Each family of cells has a function that goes over the formula and yields what is wrong. The order of what it
yields decides what a student reads: the first remark is shown as the mistake, all others as further ones. A
cell is right of its family where nothing is yielded.

A remark stands at the line of a quantity, which `at` names: "h'" and "c'" are the new states, "n" is the
candidate, and "gate 3" the gate made of part 3, a sum with weights (`FormulaPart`) by its number.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rnn_core.equations.printing import printed
from rnn_core.own_cells.formula import ONE, ZERO, Candidate, Formula, FormulaPart, Gate, GateFactor, Written
from rnn_core.own_cells.lifting import Lifted
from rnn_core.own_cells.report import Remark, remark
from rnn_core.refusals import listing
from rnn_core.registry import Registry

_NAMES = {
    "forget": {"f", "ft", "forget", "fg"},
    "input": {"i", "it", "input", "inp", "ig"},
    "update": {"z", "zt", "update", "u", "upd"},
    "reset": {"r", "rt", "reset", "res"},
}
"""Gate -> the names that students give it."""
_RETURNED = {"c": "the old c", "h": "the old h", "h'": "h once more"}
"""Letter -> the words for it where it stands in the place of the new c."""


class Reading:
    """The equations of a file as a formula, beside its weights and its variables."""

    def __init__(
        self, lifted: Lifted, states: Sequence[str], sizes: Mapping[str, int], hidden_size: int
    ) -> None:
        """`sizes` are the numbers of each parameter that is trained, by its name. Raises NoFormulaError."""
        self.hidden_size = hidden_size
        self.written = Written(lifted, states)
        self.formula: Formula = self.written.formula()
        self.parts: Sequence[FormulaPart] = self.written.parts
        self.sizes = sizes
        self.numbers = {
            name: {(use.parameter, int(place)) for place in use.places.flat}
            for name, use in lifted.weights.items()
        }
        """Weight -> its numbers: its parameter, and places in it."""
        self._called: dict[str, list[tuple[int, str]]] = {}
        """Printed expression -> the variables that get it, and their lines; what is returned last."""
        for line, name, one in sorted(lifted.variables, key=lambda of: of[1] == "return"):
            written = printed(self.written.out(one))
            self._called.setdefault(written, []).append((line, name))

    def _variables(self, keys: Sequence[str]) -> list[tuple[int, str]]:
        """The variables that get one of these, which are written over parts."""
        ways = (way for key in keys for way in sorted(self.written.said.get(key, {key})))
        return sorted(one for way in ways for one in self._called.get(way, ()))

    def _keys(self, quantity: str) -> list[str]:
        kind, _, place = quantity.partition(" ")
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

    def remark(self, code: str, name: str = "", /, *, at: str = "h'", **values: Any) -> Remark:
        """A remark on the line of a quantity."""
        return remark(code, name, line=self.line(at), **values)

    def names(self, place: int) -> set[str]:
        """The student's words for a gate, in small letters: its variables, else its parameters."""
        keys = [*self._keys(f"gate {place}"), f"part {place}"]
        keys += [f"1 - {key}" for key in keys]
        found = {word for _, name in self._variables(keys) for word in _words(name)}
        return found or {word for name in self.parameters_of(place) for word in _words(name)}

    def parameters_of(self, place: int) -> list[str]:
        """The parameters that a part is made of."""
        return list(
            dict.fromkeys(self.written.weights[term.weight].parameter for term in self.parts[place].terms)
        )

    @property
    def sources(self) -> dict[str, set[str]]:
        """Name of a parameter -> all that it is multiplied with: "x", "h", "c", "1" and the like."""
        found: dict[str, set[str]] = {}
        for term in (term for part in self.parts for term in part.terms):
            found.setdefault(self.written.weights[term.weight].parameter, set()).add(term.of)
        return found

    def shown(self, place: int, letter: str) -> str:
        """A gate by its letter, and by the student's own name where that is another one."""
        for _, name in self._variables(self._keys(f"gate {place}")):
            if name != "return":
                return letter if name == letter else f"{letter} (your `{name}`)"
        return letter

    @property
    def unused(self) -> str:
        """The parameters of which no new state depends, by their names."""
        used = {parameter for numbers in self.numbers.values() for parameter, _ in numbers}
        return ", ".join(name for name in self.sizes if name not in used)

    def numbers_of(self, places: Sequence[int], of: str) -> set[tuple[str, int]]:
        """The numbers of the weights by which x or a state is multiplied in some parts."""
        terms = (term for place in places for term in self.parts[place].terms if term.of == of)
        return {number for term in terms for number in self.numbers[term.weight]}

    def sees(self, places: Sequence[int], of: str) -> str:
        """Return how much parts get of x or of a state: "all", "own" unit only, or "none" of it."""
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


def _plain_mistakes(reading: Reading) -> Iterator[Remark]:
    """The mistakes of a plain cell, h' = tanh(x W + h U + b)."""
    mix = reading.formula.mix
    candidate = mix.candidate
    if candidate is None or _resets(reading) or mix.gates or reading.formula.shown:
        yield reading.remark("another-cell", "with gates")
        return
    if mix.plus is not None:
        yield reading.remark(
            "outside-nonlinearity",
            function=_function(candidate.function),
            sum=_seen_by(reading, candidate.part),
            other_function=_function(mix.plus.function),
            other_sum=_seen_by(reading, mix.plus.part),
        )
        return
    if mix.keep.constant or mix.keep.gates or candidate.added:
        yield reading.remark("state-added")
    if mix.write.constant != 1:
        yield reading.remark("another-cell", "with a factor", factor=mix.write.constant)
    if mix.function != "nothing":
        yield reading.remark("extra-nonlinearity", "around the state", function=_function(mix.function))
    yield from _sight(reading, candidate.parts, "the new state", "h'")
    if candidate.function not in ("tanh", "relu"):
        yield _function_mistake(reading, candidate.function, "the new state", "h'")


def _small_mistakes(reading: Reading, is_like: Callable[[Reading, Candidate], bool]) -> Iterator[Remark]:
    """A remark where it is no cell of one balanced gate whose candidate is like that of its kind."""
    mix = reading.formula.mix
    is_balanced = mix.is_balanced and mix.function == "nothing"
    if not is_balanced or mix.candidate is None or mix.candidate.added or not is_like(reading, mix.candidate):
        yield reading.remark("another-cell", "of another kind")


def _is_like_mingru(reading: Reading, candidate: Candidate) -> bool:
    """True for the candidate of a minGRU (Feng et al., 2024): it and the gate see the word alone."""
    sees_state = any(reading.sees([place], "h") != "none" for place in range(len(reading.parts)))
    return candidate.function in ("nothing", "tanh") and not candidate.gates and not sees_state


def _is_like_mgu(reading: Reading, candidate: Candidate) -> bool:
    """True for that of a minimal gated unit (Zhou et al., 2016): one gate for update and reset."""
    updates = {gate.part for gate in reading.formula.mix.write.gates}
    return candidate.function == "tanh" and {gate.part for gate in _resets(reading)} == updates


def _gru_mistakes(reading: Reading, *, with_reset: bool = True) -> Iterator[Remark]:
    """The mistakes of a GRU with the reset before or after the product, or without one: in a UGRNN."""
    mix = reading.formula.mix
    candidate = mix.candidate
    if candidate is None or mix.plus is not None or reading.formula.shown is not None:
        yield reading.remark("another-cell", "of another kind")
        return
    resets = _resets(reading)
    places = {gate.part for gate in resets}
    keep, write = mix.keep, mix.write
    if (keep, write) == (ZERO, ONE):
        yield reading.remark("old-state-not-kept", "without a gate")
        return
    yield from _update_mistakes(reading, keep, write)
    if candidate.inner.gates:
        r = _capital(reading.shown(candidate.inner.gates[0].part, "r"))
        yield reading.remark("reset-on-input", "with the whole sum", at="n", r=r)
    elif (
        candidate.gated is not None
        and candidate.gate.gates
        and reading.sees([candidate.gated], "h") == "none"
    ):
        yield reading.remark("reset-on-input", "alone", at="n")
    if mix.function == "1 more":
        yield reading.remark("update-unbalanced", "by parentheses")
    elif mix.function != "nothing":
        yield reading.remark("extra-nonlinearity", "around the last line", function=_function(mix.function))
    gates = [*mix.gates, *resets]
    letters = {gate.part: "r" if gate.part in places else "z" for gate in gates}
    yield from _sum_mistakes(reading, letters, gates, candidate, "the candidate n")
    updates = {gate.part for gate in keep.gates + write.gates}
    is_one = len(updates) < 2 and len(keep.gates) < 2 and len(write.gates) < 2
    if with_reset and not places and not candidate.inner.gates and is_one:
        yield reading.remark("reset-missing", at="n", unused=reading.unused)
    elif not with_reset and places:
        yield reading.remark("another-cell", "of another kind")
    elif with_reset and places and places <= updates:
        yield reading.remark("shared-gates", "as one", at="n")
    yield from _shared(reading)
    if with_reset and len(places) == len(updates) == 1:
        (reset,), (update,) = places, updates
        if _are_named(reading, reset, update, "update", "reset"):
            yield reading.remark("gates-exchanged")


def _resets(reading: Reading) -> list[Gate]:
    """The gates that act on the old state inside of the candidate."""
    candidate = reading.formula.mix.candidate
    if candidate is None:
        return []
    terms = (term for place in candidate.parts for term in reading.parts[place].terms)
    return [*candidate.gate.gates, *(gate for term in terms for gate in term.gates)]


def _update_mistakes(reading: Reading, keep: GateFactor, write: GateFactor) -> Iterator[Remark]:
    """The mistakes of h' = (1 - z) * h + z * n, given both factors."""
    if reading.formula.mix.is_balanced or reading.formula.mix.function == "1 more":
        return
    if keep == write and len(keep.gates) == 1:
        z = reading.shown(keep.gates[0].part, "z")
        yield reading.remark("z-twice", share=f"1 - {z}" if keep.gates[0].is_complement else z)
        return
    if keep.gates and write.gates:
        kept = [gate for gate in keep.gates if gate.turned not in write.gates]
        both = [gate for gate in keep.gates if gate in write.gates]
        written = [gate for gate in write.gates if gate.turned not in keep.gates]
        match len(keep.gates), len(write.gates):
            case 2, 1 if len(kept) == 1:
                yield reading.remark("reset-in-update", r=reading.shown(kept[0].part, "r"))
            case 2, 2 if len(both) == 1:
                yield reading.remark("reset-on-new-state", "whole", r=reading.shown(both[0].part, "r"))
            case 1, 2 if len(written) == 1:
                r = reading.shown(written[0].part, "r")
                yield reading.remark("reset-on-new-state", "in the last line", r=r)
            case _ if keep.gates[0].part != write.gates[0].part:
                yield reading.remark("wrong-gate-in-update", "two gates")
            case _:
                yield reading.remark("update-unbalanced", "by the shares")
    elif keep.constant == 0:
        yield reading.remark("old-state-not-kept", "with a gate")
    elif keep.gates:
        yield reading.remark("update-unbalanced", "by the candidate")
    elif write.gates:
        yield reading.remark("update-unbalanced", "by the state")
    else:
        yield reading.remark("update-unbalanced", "by numbers")


def _lstm_mistakes(reading: Reading) -> Iterator[Remark]:
    """The mistakes of an LSTM, which may have coupled gates and peepholes."""
    formula = reading.formula
    mix, shown = formula.mix, formula.shown
    candidate = mix.candidate
    if shown is None or candidate is None:
        yield reading.remark("another-cell", "of one state")
        return
    keep, write = mix.keep, mix.write
    if formula.returned == ("c'", "h'"):
        yield reading.remark("tuple-order")
    elif mix.memory == "h":
        yield reading.remark("memory-exchanged", "kept", at="c'")
    if len(keep.gates) > 1 or len(write.gates) > 1:
        yield reading.remark("wrong-gate-in-update", "too many for c", at="c'")
    elif keep.constant == 0:
        yield reading.remark("old-state-ignored", "in c", at="c'")
    elif keep == write and keep.gates:
        yield reading.remark("gate-twice", at="c'")
    elif not keep.gates:
        yield reading.remark("forget-gate-missing", at="c'")
    elif not write.gates:
        yield reading.remark("input-gate-missing", at="c'")
    elif (keep.constant, write.constant) != (1, 1):
        yield reading.remark("update-unbalanced", "in c", at="c'")
    if candidate.gates:
        yield reading.remark("wrong-gate-in-update", "around c", at="c'")
    if mix.function != "nothing":
        yield reading.remark("extra-nonlinearity", "around c", at="c'", function=_function(mix.function))
    if formula.returned in (("h'", "c"), ("h'", "h"), ("h'", "h'")):
        yield reading.remark("h-returned-for-c", what=_RETURNED[formula.returned[1]])
    updates = {gate.part for gate in keep.gates + write.gates}
    factor = shown.factor
    if shown.of == "c'" and shown.function == "nothing" and not factor.gates:
        yield reading.remark("c-returned-for-h", "by a cell")
    else:
        if not factor.gates:
            yield reading.remark("output-gate-missing", unused=reading.unused)
        elif {gate.part for gate in factor.gates} & updates or len(factor.gates) > 1:
            yield reading.remark("wrong-gate-shown")
        if shown.of == "n":
            yield reading.remark("candidate-shown")
        elif shown.of != "c'":
            yield reading.remark("old-c-shown", letter=shown.of)
        elif shown.function == "nothing":
            yield reading.remark("tanh-of-c-missing")
        elif shown.function != "tanh":
            yield reading.remark("wrong-nonlinearity", "of c", function=_function(shown.function))
    letters = {gate.part: "o" for gate in factor.gates}
    letters |= {gate.part: "i" for gate in write.gates} | {gate.part: "f" for gate in keep.gates}
    yield from _sum_mistakes(reading, letters, [*mix.gates, *factor.gates], candidate, "the candidate g")
    yield from _shared(reading)
    if (
        len(keep.gates) == len(write.gates) == 1
        and not mix.is_balanced
        and _are_named(reading, keep.gates[0].part, write.gates[0].part, "input", "forget")
    ):
        yield reading.remark("forget-input-exchanged", at="c'")


def _sum_mistakes(
    reading: Reading, letters: Mapping[int, str], gates: Sequence[Gate], candidate: Candidate, called: str
) -> Iterator[Remark]:
    """The remarks on the function of each gate, by its letter, and of the candidate, and on what they see."""
    sums = [({place}, reading.shown(place, letter), f"gate {place}") for place, letter in letters.items()]
    sums.append((candidate.parts, called, "n"))
    if exchanged := [one for one in sums if _sees_c_for_h(reading, one[0])]:
        what = listing([what for _, what, _ in exchanged])
        yield reading.remark("memory-exchanged", "in a sum", at=exchanged[0][2], what=what)
    for place, letter in sorted(letters.items()):
        yield from _gate_mistakes(reading, place, letter, gates)
        yield from _sight(reading, {place}, reading.shown(place, letter), f"gate {place}", is_gate=True)
    if candidate.function != "tanh":
        yield _function_mistake(reading, candidate.function, called, "n", is_candidate=True)
    if candidate.added:
        yield reading.remark("state-added", "in the candidate", at="n", state=candidate.added)
    yield from _sight(reading, candidate.parts, called, "n")


def _sight(
    reading: Reading, places: set[int], what: str, at: str, *, is_gate: bool = False
) -> Iterator[Remark]:
    """The remarks on a gate or candidate that does not see all of the word and of the state."""
    where, begun, unused = sorted(places), _capital(what), reading.unused
    if any(term.of == "another" for place in where for term in reading.parts[place].terms):
        yield reading.remark("sees-another", at=at, what=begun)
    if reading.numbers_of(where, "x") & reading.numbers_of(where, "h"):
        yield reading.remark("shared-weights", at=at)
    of_h, of_x = reading.sees(where, "h"), reading.sees(where, "x")
    if of_h == "none" and not _sees_c_for_h(reading, places):
        yield reading.remark(
            "gate-without-state" if is_gate else "old-state-ignored",
            "in a sum",
            at=at,
            what=begun,
            unused=unused,
        )
    elif of_h == "own":
        yield reading.remark("own-unit-only", at=at, what=what)
    if of_x == "none":
        yield reading.remark(
            "gate-without-input" if is_gate else "input-ignored", "in a sum", at=at, what=begun, unused=unused
        )
    elif of_x == "own":
        yield reading.remark("wrong-sizes", "of some units", at=at, what=what)
    biases = [term.weight for place in where for term in reading.parts[place].terms if term.of == "1"]
    if biases and all(len(reading.numbers[one]) == 1 for one in biases):
        names = dict.fromkeys(parameter for one in biases for parameter, _ in reading.numbers[one])
        yield reading.remark("one-bias", at=at, what=what, names=[*names])


def _sees_c_for_h(reading: Reading, places: set[int]) -> bool:
    where = sorted(places)
    return reading.sees(where, "h") == "none" and reading.sees(where, "c") == "all"


def _gate_mistakes(reading: Reading, place: int, letter: str, gates: Sequence[Gate]) -> Iterator[Remark]:
    """A gate with another function than a sigmoid."""
    for function in dict.fromkeys(gate.function for gate in gates if gate.part == place):
        at = f"gate {place}"
        if function == "softmax":
            yield reading.remark("softmax-for-sigmoid", at=at, letter=letter)
        elif function == "nothing":
            yield reading.remark("no-nonlinearity", "of a gate", at=at, letter=letter)
        elif function != "sigmoid":
            yield reading.remark("gate-not-sigmoid", at=at, letter=letter, function=_function(function))


def _function_mistake(
    reading: Reading, function: str, what: str, at: str, *, is_candidate: bool = False
) -> Remark:
    if function == "nothing":
        return reading.remark("no-nonlinearity", "of a sum", at=at, what=what)
    if function == "sigmoid" and is_candidate:
        return reading.remark("candidate-by-sigmoid", at=at, what=_capital(what))
    return reading.remark(
        "wrong-nonlinearity", "of a sum", at=at, what=_capital(what), function=_function(function)
    )


def _shared(reading: Reading) -> Iterator[Remark]:
    """Weights that act in several gates at once."""
    places: dict[tuple[str, int], set[int]] = {}
    of_state: set[tuple[str, int]] = set()
    for place, part in enumerate(reading.parts):
        for term in part.terms:
            for number in reading.numbers[term.weight]:
                places.setdefault(number, set()).add(place)
                if term.of in ("h", "c"):
                    of_state.add(number)
    shared = {number for number, several in places.items() if len(several) > 1}
    names = sorted({parameter for parameter, _ in shared})
    if shared & of_state:
        yield reading.remark("shared-recurrent", names=names)
    elif any(reading.sizes[name] > reading.hidden_size for name in names):
        yield reading.remark("shared-gates", "by weights", names=names)


def _are_named(reading: Reading, one: int, other: int, first: str, second: str) -> bool:
    """True if one gate bears the name of the first kind alone, and the other that of the second."""

    def called(place: int) -> list[str]:
        return [kind for kind in (first, second) if reading.names(place) & _NAMES[kind]]

    return (called(one), called(other)) == ([first], [second])


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:] if not re.match(r"[a-z] ?(\(|$)", words) else words


def _function(name: str) -> str:
    return {"nothing": "no function", "relu": "ReLU"}.get(name, name)


def _seen_by(reading: Reading, place: int) -> str:
    seen = [
        f"{of} {weights}" for of, weights in (("x", "W"), ("h", "U")) if reading.sees([place], of) != "none"
    ]
    return " + ".join(seen) or "a bias"


_Variants = Iterator[tuple[str, Remark | None]]
"""Words for each way in which a right cell is written, and the remark on it, if any."""


def _plain_variants(reading: Reading) -> _Variants:
    if (candidate := reading.formula.mix.candidate) is not None:
        is_relu = candidate.function == "relu"
        yield _function(candidate.function), reading.remark("relu") if is_relu else None


def _gru_variants(reading: Reading) -> _Variants:
    if (candidate := reading.formula.mix.candidate) is not None:
        is_before = candidate.gated is None
        yield (
            f"the reset {'before' if is_before else 'after'} the product",
            remark("reset-before" if is_before else "reset-after"),
        )
    yield from _update_variants(reading)


def _update_variants(reading: Reading, *, has_remark: bool = True) -> _Variants:
    """The meaning of an update gate; a remark where it keeps the old state."""
    mix = reading.formula.mix
    if mix.is_balanced:
        if mix.keep.gates[0].is_complement:
            yield "z taking the candidate", None
        else:
            yield "z keeping the old state", reading.remark("keep-gate") if has_remark else None


_small_variants = partial(_update_variants, has_remark=False)


def _lstm_variants(reading: Reading) -> _Variants:
    if reading.formula.mix.is_balanced:
        yield "coupled gates", remark("coupled-gates")
    if any(term.of in ("c", "c'") for part in reading.parts for term in part.terms):
        yield "peepholes", remark("peepholes")


@dataclass(frozen=True, slots=True)
class CellFamily:
    """Cells of one kind: the mistakes in a file that should be one, and the ways in which it is written."""

    mistakes: Callable[[Reading], Iterator[Remark]]
    """The first mistake first; nothing is wrong with a cell of this kind."""
    variants: Callable[[Reading], _Variants]
    states: int = 1


FAMILIES: Registry[CellFamily] = Registry(
    "family of cells",
    {
        "a plain RNN": CellFamily(_plain_mistakes, _plain_variants),
        "a GRU": CellFamily(_gru_mistakes, _gru_variants),
        "a UGRNN": CellFamily(partial(_gru_mistakes, with_reset=False), _update_variants),
        "a minimal gated unit": CellFamily(partial(_small_mistakes, is_like=_is_like_mgu), _small_variants),
        "a minGRU": CellFamily(partial(_small_mistakes, is_like=_is_like_mingru), _small_variants),
        "an LSTM": CellFamily(_lstm_mistakes, _lstm_variants, states=2),
    },
)
"""The families by their names in a sentence; a cell is of the first that finds no mistake in it."""


def family_of(reading: Reading) -> str:
    """The cell of which nothing is wrong, as it is called in a sentence; empty where there is none."""
    return next((name for name, one in FAMILIES.items() if not any(one.mistakes(reading))), "")


def wrong_in(reading: Reading, expected: str) -> list[Remark]:
    """The mistakes of a cell that should be one of these, the first mistake first."""
    found = [*dict.fromkeys(FAMILIES[expected].mistakes(reading))]
    if found and (other := family_of(reading)) and found[0].code in ("another-cell", "old-state-not-kept"):
        return [reading.remark("another-cell", "of another name", other=other, expected=expected)]
    return found


def described(reading: Reading, family: str) -> tuple[str, list[Remark]]:
    """The cell in words, such as "a GRU with the reset before the product", and what is worth knowing of it.

    `family` is empty for a cell of none; then there are no words.
    """
    variants = [*FAMILIES[family].variants(reading)] if family else []
    words = " and ".join(said for said, _ in variants)
    found = [note for _, note in variants if note is not None]
    if size := next((part.offset for part in reading.parts if part.offset), 0.0):
        found.append(remark("built-in-offset", size=size))
    biases = [sum(term.of == "1" for term in part.terms) for part in reading.parts]
    if biases and max(biases) > 1:
        found.append(remark("two-biases"))
    elif biases and not any(biases):
        found.append(remark("no-bias"))
    return f"{family} with {words}" if words else family, found
