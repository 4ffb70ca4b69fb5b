"""The source of a pass, put together from its statements: a method for each of `Pass`, as by hand."""

import re
from collections.abc import Iterable, Sequence

from rnn_core.equations.derivatives import Derivatives
from rnn_core.equations.equations import Equations
from rnn_core.nn.compiler.backwards import Backwards
from rnn_core.nn.compiler.emission import Constants
from rnn_core.nn.compiler.forwards import Forwards
from rnn_core.nn.compiler.layout import Layout
from rnn_core.nn.compiler.words import equations_in_words, gradients_in_words

_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


def source_of(
    name: str, equations: Equations, layout: Layout, derived: Derivatives, forwards: Forwards,
    backwards: Backwards, constants: Constants,
) -> str:  # fmt: skip
    """The class of a pass as text."""
    docstring = [*equations_in_words(equations, layout), "", *gradients_in_words(layout, derived)]
    text = [f'"""{docstring[0]}', *docstring[1:], '"""', ""]
    text += _Memory(layout, forwards, backwards).declared()
    for head, body in _Methods(layout, forwards, backwards, constants).all():
        text += ["", f"def {head}:", *(f"    {line}" for line in body)]
    return "\n".join([f"class {name}(Pass):", *(f"    {line}".rstrip() for line in text), ""])


class _Memory:
    """What the names in the statements stand for."""

    def __init__(self, layout: Layout, forwards: Forwards, backwards: Backwards) -> None:
        self.layout, self.forwards, self.backwards = layout, forwards, backwards
        self.kept = {name: layout.columns(k, k + 1, "kept") for k, name in enumerate(forwards.kept)}
        stretches = {name: layout.columns(a, b, "kept") for name, (a, b) in forwards.stretches.items()}
        self.kept = stretches | self.kept
        wide = len(layout.wide)
        self.scratch = {
            name: "scratch[0]" if b - a == wide else layout.columns(a, b, "scratch[0]")
            for name, (a, b) in backwards.stretches.items()
        }
        for name, (a, b) in backwards.each_of.items():
            part = "" if b - a == wide else f"[:, {a or ''}:{b}]"
            self.scratch[name] = f"scratch[0].view(-1, {wide}, self.H){part}"
        for k, slot in enumerate(layout.wide):
            alone = "scratch[0]" if wide == 1 else layout.columns(k, k + 1, "scratch[0]")
            self.scratch[layout.gradients[slot]] = alone
        self.scratch |= {name: f"scratch[{k}]" for k, name in enumerate(backwards.columns, 1)}

    def declared(self) -> list[str]:
        """The attributes that say how much is kept, and how much is written on."""
        layout = self.layout
        letter_of = {
            place: layout.cell.letters.get(node, place) for node, place in self.forwards.there.items()
        }
        letters = [layout.names.checked(letter_of.get(name, name)) for name in self.forwards.kept]
        lines = [f"kept = {tuple(letters)!r}"]
        if layout.shared:
            shared = {layout.slot_columns[slot] for slot in layout.shared}
            of_all = [
                letter for letter, name in zip(letters, self.forwards.kept, strict=True) if name in shared
            ]
            lines.append(f"shared = {tuple(of_all)!r}")
        widths = (len(layout.wide), *(1 for _ in self.backwards.columns))
        comment = ", ".join(
            [" ".join(layout.gradients[slot] for slot in layout.wide), *self.backwards.columns]
        )
        return [*lines, f"scratch = {widths!r}  # {comment}"]

    def for_block(self, lines: Sequence[str]) -> list[str]:
        """Takes all that statements for many time steps name out of the arguments."""
        layout, said = self.layout, _names(lines)
        taken = [f"{name} = {of}" for name, of in self.kept.items() if name in said]
        taken += _unpacked(layout.states.values(), "before", said)
        taken += _unpacked(layout.new.values(), "after", said)
        return taken + [f"{name} = {of}" for name, of in self.scratch.items() if name in said]


class _Methods:
    def __init__(
        self, layout: Layout, forwards: Forwards, backwards: Backwards, constants: Constants
    ) -> None:
        self.layout, self.forwards, self.backwards, self.constants = layout, forwards, backwards, constants
        self.memory = _Memory(layout, forwards, backwards)

    def all(self) -> Iterable[tuple[str, list[str]]]:
        """The head of each method, and its lines."""
        forwards, backwards, for_block = self.forwards, self.backwards, self.memory.for_block
        yield "__init__(self, weights, H, factor)", self._initial()
        yield (
            "prepare(self, kept, after)",
            [*for_block(forwards.prepare), *forwards.prepare, f"return {self._place_of_x()}"],
        )
        if forwards.activate:
            yield "activate(self, kept, after)", [*for_block(forwards.activate), *forwards.activate]
        yield from self._step("cut(self, kept)", "forward(self, kept, before, after)")
        if forwards.finish:
            yield "finish(self, kept, after)", [*for_block(forwards.finish), *forwards.finish]
        yield (
            "factors(self, kept, before, after, scratch)",
            [*for_block(backwards.factors), *backwards.factors] or ["return"],
        )
        yield from self._step_back("cut_scratch(self, scratch)", "backward(self, scratch, d, watched)")
        yield "add_to(self, gradients, before, after, kept, scratch)", self._add_to()

    def _initial(self) -> list[str]:
        """Takes the weights, and computes what they say alone."""
        layout = self.layout
        stacks = [stack.name for stack in layout.stacks]
        own = [f"self.{name}" for name in layout.weights.values()]
        lines = ["self.H, self.factor = H, factor"]
        if stacks or own:
            lines = [f"{_tuple([*stacks, *own])}, self.H, self.factor = weights, H, factor"]
        lines += [f"self.{U}, self.{U}_T = factor({U}), factor({U}.t().contiguous())" for U in stacks]
        return [*lines, *self.constants.lines]

    def _place_of_x(self) -> str:
        layout = self.layout
        if layout.after:
            return f"after[{[*layout.states].index(layout.after)}]"
        a, b = layout.stretch(layout.of_x)
        return "kept" if (a, b) == (0, len(self.forwards.kept)) else layout.columns(a, b, "kept")

    def _step(self, cut: str, forward: str) -> Iterable[tuple[str, list[str]]]:
        lines, layout = self.forwards.step, self.layout
        said = _names(lines)
        parts = {name: of for name, of in self.memory.kept.items() if name in said}
        yield cut, [_returned(parts.values())]
        yield (
            forward,
            [
                *_unpacked(parts, "kept", said),
                *_unpacked(layout.states.values(), "before", said),
                *_unpacked(layout.new.values(), "after", said),
                *lines,
            ]
            or ["return"],
        )

    def _step_back(self, cut: str, backward: str) -> Iterable[tuple[str, list[str]]]:
        lines = self.backwards.step
        said = _names(lines)
        parts = {name: of for name, of in self.memory.scratch.items() if name in said}
        yield cut, [_returned(parts.values())]
        yield (
            backward,
            [
                *_unpacked(parts, "scratch", said),
                *_unpacked(self.layout.d_states.values(), "d", said),
                *lines,
            ],
        )

    def _add_to(self) -> list[str]:
        layout, lines = self.layout, self.backwards.add_to
        d_weights = [*(f"d{stack.name}" for stack in layout.stacks), *layout.d_weights.values()]
        a, b = layout.stretch([slot for slot in layout.of_x if slot.wide])
        of_x = "scratch[0]" if b - a == len(layout.wide) else layout.columns(a, b, "scratch[0]")
        if layout.shared:
            parts = ", ".join([of_x, *(layout.gradients[slot] for slot in layout.shared)])
            of_x = f"torch.cat([{parts}], dim=1)"
        taken = [*_unpacked(d_weights, "gradients", _names(lines)), *self.memory.for_block(lines)]
        return [*taken, *lines, f"return {of_x}"]


def _names(lines: Sequence[str]) -> set[str]:
    """All names in statements, but those behind a dot."""
    return {word for line in lines for word in _NAME.findall(line)}


def _unpacked(names: Iterable[str], of: str, said: set[str]) -> list[str]:
    """The assignment of each part to its name, `_` where no statement says it; none if none is said."""
    names = [name if name in said else "_" for name in names]
    return [f"{_tuple(names)} = {of}"] if {*names} - {"_"} else []


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _returned(parts: Iterable[str]) -> str:
    parts = [*parts]
    return f"return {', '.join(parts) or '()'}{',' if len(parts) == 1 else ''}"
