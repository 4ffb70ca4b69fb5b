"""The way backwards: factors of many time steps at once, the gradients of one, then those of the weights."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from rnn_core.equations.cell_graph import Slot
from rnn_core.equations.derivatives import Derivatives, Form, Gradient
from rnn_core.equations.graph import Node
from rnn_core.nn.compiler.emission import Constants, StatementWriter, uses_of
from rnn_core.nn.compiler.layout import Stack, derivative, runs, spelled
from rnn_core.nn.compiler.operations import option
from rnn_core.nn.compiler.plan import Plan


class _Part(NamedTuple):
    """The part of a gradient that comes from another one."""

    gradient: Gradient
    factor: Node
    how: str
    """`more` is added to what lies in the place, and `first` fills it.

    In it lies the factor of what is `there`, and the gradient that is its `own`.
    """
    times: float = 1.0
    """The number before the factor, where that is added by itself."""


def _parts(form: Form, first: Gradient | None, how: str) -> list[_Part]:
    """The parts of a gradient, with one of them `first` that comes in this way."""
    begun = [_Part(first, form[first], how)] if first in form else []
    return begun + [_more(part, factor) for part, factor in form.items() if part != first]


def _filled(form: Form) -> list[_Part]:
    return _parts(form, next(iter(form), None), "first")


def _more(part: Gradient, factor: Node) -> _Part:
    is_apart = factor.operation == "sum" and len(factor.operands) == 1 and not factor.added
    times, factor = factor.terms[0] if is_apart and factor.stage > 0 else (1.0, factor)
    return _Part(part, factor, "more", times)


class Backwards:
    """The place of each gradient, the parts that it is made of, and the statements that make it."""

    def __init__(self, plan: Plan, derived: Derivatives, constants: Constants) -> None:
        layout = plan.layout
        self.plan, self.layout, self.derived, self.constants = plan, layout, derived, constants
        self.columns: list[str] = []
        """The memory beside the gradients of slots, H numbers of each row, in the order of the scratch."""
        self.stretches: dict[str, tuple[int, int]] = {}
        """Gradients of slots side by side by their name in the statements."""
        self.each_of: dict[str, tuple[int, int]] = {}
        """Gradients of slots side by side, as (n, slots, H), by their name in the statements."""
        self.factors: list[str] = []
        self.step: list[str] = []
        self.add_to: list[str] = []
        self.slot_of = {slot.total: slot for slot in layout.slots}
        self.of_new = {letter: Gradient("state", node) for letter, node in layout.cell.new.items()}
        self.names = {self.of_new[letter]: d for letter, d in layout.d_states.items()}
        """The name of each gradient in the statements."""
        self.names |= {Gradient("slot", slot.total): name for slot, name in layout.gradients.items()}
        forms = [*derived.before.values()]
        read_later = {
            own for number, own in enumerate(self.of_new.values(), 1)
            if any(own in form for form in forms[number:])
        }  # fmt: skip
        stored = derived.stored() | read_later
        self.stored = {one: self.column(f"{self.names[one]}_new") for one in derived.order if one in stored}
        self.old = {own: self.stored[own] for own in read_later}
        """The places of gradients that are read when their own place is written over."""
        for one in derived.order:
            if one.kind in ("source", "node"):
                letter = spelled(layout.cell.letters.get(one.node, "q" if one.kind == "source" else "sum"))
                self.names[one] = self.column(derivative(letter))
        in_step = [one for one in derived.order if one not in derived.late]
        self.parts = {one: self._parts_in_step(one, derived.forms[one]) for one in in_step}
        self.parts_before = {  # the gradient of a state before takes the place of that of the state after
            letter: _parts(form, own, "own") if (own := self.of_new[letter]) in form else _filled(form)
            for letter, form in derived.before.items()
        }
        factors = _write_factors(self)
        _Step(self, factors).write()
        _Weights(self).write(spare=factors.values())

    def column(self, name: str) -> str:
        """One more column of scratch."""
        self.columns.append(self.layout.names.take(name))
        return self.columns[-1]

    def temporary(self) -> str:
        """One more column of scratch without a name of its own."""
        self.columns.append(self.layout.names.series("t"))
        return self.columns[-1]

    def stacks(self, source: Node) -> list[Stack]:
        """The stacks that are multiplied with this."""
        return [stack for stack in self.layout.stacks if stack.source is source]

    def side_by_side(self, slots: Sequence[Slot]) -> str:
        """The gradients of slots that lie side by side."""
        if len(slots) == 1:
            return self.layout.gradients[slots[0]]
        return self.layout.side_by_side(self.stretches, slots, "d")

    def product(self, stack: Stack, out: str, *, plus: bool) -> str:
        """The statement of what the gradients of a stack bring to what it is multiplied with."""
        d = self.side_by_side(stack.slots)
        return f"self.{stack.transposed}.product({d}, {f'plus={out}, ' if plus else ''}out={out})"

    def _parts_in_step(self, one: Gradient, form: Form) -> list[_Part]:
        if one.kind == "state":
            return _parts(form, None, "more")
        there = next((part for part, factor in form.items() if factor.stage > 0), None)
        return _parts(form, there, "there") if there else _filled(form)


def _write_factors(places: Backwards) -> dict[Node, str]:
    """Computes all that gradients are multiplied with; returns the columns for it alone."""
    derived, names = places.derived, places.names
    jobs: list[tuple[Node, str]] = []
    columns_of: dict[Node, str] = {}
    made = [(names[one], parts) for one, parts in places.parts.items()]
    made += [(places.layout.d_states[letter], parts) for letter, parts in places.parts_before.items()]
    for name, part in ((name, part) for name, parts in made for part in parts):
        if part.how == "there":
            jobs.append((part.factor, name))
        elif part.factor.stage > 0 and part.factor not in columns_of:
            by = f"{_stripped(names[part.gradient])}_by_{_stripped(name)}"
            columns_of[part.factor] = places.column(by)
            jobs.append((part.factor, columns_of[part.factor]))
    # What a time step fills is free until then.
    later = {
        one for one in derived.order if one.kind == "source" or (one.kind == "node" and one in derived.late)
    }
    spare = [*places.stored.values(), *(names[one] for one in derived.order if one in later)]
    there = places.plan.there
    uses = uses_of((factor for factor, _ in jobs), there)
    writer = StatementWriter(places.constants, there, uses=uses, spare=spare, more=places.temporary)
    for factor, place in sorted(jobs, key=lambda job: job[0].place):
        writer.put(factor, place)
    for one, parts in places.parts.items():
        if one.kind in ("slot", "node") and not parts:
            writer.say(f"{names[one]}.zero_()")
    places.factors = writer.lines
    return columns_of


class _Step:
    """The gradients of a time step. Those of slots wait until they are read, since neighbours go together."""

    def __init__(self, places: Backwards, factors: dict[Node, str]) -> None:
        self.places, self.factors, self.constants = places, factors, places.constants
        self.lines: list[str] = places.step
        self.waiting: list[Slot] = []

    def write(self) -> None:
        """Write every statement."""
        places = self.places
        for one, parts in places.parts.items():
            for part in parts:
                if part.gradient.kind == "slot" and places.slot_of[part.gradient.node] in self.waiting:
                    self._make_waiting()
            if one.kind == "slot":
                self.waiting.append(places.slot_of[one.node])
            else:
                self._make(places.names[one], parts)
                if one.kind in ("state", "source"):
                    self._products(one.node, places.names[one], begun=one.kind == "state")
        self._make_waiting()
        d_states = places.layout.d_states
        self.lines.append("if watched:")
        self.lines += [f"    watched[{k}].copy_({d})" for k, d in enumerate(d_states.values())]
        self.lines += [f"{place}.copy_({places.names[one]})" for one, place in places.stored.items()]
        for letter, parts in places.parts_before.items():
            own = places.of_new[letter]
            self._make(d_states[letter], parts, {**places.names, **places.old, own: d_states[letter]})
            begun = self._products(
                places.layout.cell.graph.state(letter), d_states[letter], begun=bool(parts)
            )
            if not begun:
                self.lines.append(f"{d_states[letter]}.zero_()")

    def _products(self, source: Node, out: str, *, begun: bool) -> bool:
        """Adds to a gradient what products bring to it; returns True if anything is there in the end."""
        for stack in self.places.stacks(source):
            self._make_waiting()
            self.lines.append(self.places.product(stack, out, plus=begun))
            begun = True
        return begun

    def _make_waiting(self) -> None:
        """The gradients of the slots that wait, neighbours that are made of the same one together."""
        names, waiting = self.places.names, runs(self.places.layout.slots, self.waiting)
        self.waiting = []
        for of, run in ((of, [*some]) for beside in waiting for of, some in groupby(beside, self._only)):
            if of is not None and len(run) > 1:
                each = self.places.layout.side_by_side(self.places.each_of, run, "each_of_d")
                self.lines.append(f"{each}.mul_({names[of]}.unsqueeze(1))")
            else:
                for own in (Gradient("slot", slot.total) for slot in run):
                    self._make(names[own], self.places.parts[own])

    def _only(self, slot: Slot) -> Gradient | None:
        """The gradient that lies under a slot's factor, if it is all that the slot's is made of."""
        match self.places.parts[Gradient("slot", slot.total)]:
            case [_Part(gradient=one, how="there")]:
                return one
        return None

    def _make(self, place: str, parts: list[_Part], names: dict[Gradient, str] | None = None) -> None:
        """A gradient of its parts."""
        for part in parts:
            name = (names or self.places.names)[part.gradient]
            factor = self._factor(part.factor)
            match part.how:
                case "own":
                    self.lines += [f"{place}.mul_({factor})"] if not part.factor.is_number(1) else []
                case "there":
                    self.lines.append(f"{place}.mul_({name})")
                case "first" if part.factor.is_number(1):
                    self.lines.append(f"{place}.copy_({name})")
                case "first":
                    self.lines.append(f"torch.mul({name}, {factor}, out={place})")
                case _ if part.factor.is_number():
                    self.lines.append(f"{place}.add_({name}{option('alpha', part.factor.value)})")
                case _:
                    self.lines.append(f"{place}.addcmul_({name}, {factor}{option('value', part.times)})")

    def _factor(self, factor: Node) -> str:
        return self.factors.get(factor) or (self.constants.name(factor) if factor.stage == 0 else "")


class _Weights:
    """Late gradients, then those of matrices, then those of one number a unit."""

    def __init__(self, places: Backwards) -> None:
        self.places, self.constants = places, places.constants
        derived, graph = places.derived, places.layout.cell.graph
        self.graph, self.late = graph, [one for one in derived.order if one in derived.late]
        self.leaf = {
            one: graph.make(
                "gradient", of=one, stage=2, wide=one.kind != "slot" or places.slot_of[one.node].wide
            )
            for one in derived.order
        }
        self.there = places.plan.there
        for one in derived.order:
            if one not in derived.late and (one.kind != "state" or one in places.stored):
                self.there[self.leaf[one]] = places.stored.get(one, places.names[one])

    def write(self, spare: Iterable[str]) -> None:
        """Write every statement; `spare` are columns that nobody reads again."""
        places, derived = self.places, self.places.derived
        late = {one: self._value(derived.forms[one]) for one in self.late if one.kind != "source"}
        weights = {
            name: self._summed(form, self.graph.weight(name)) for name, form in derived.weights.items()
        }
        sources = [stack.source for stack in places.layout.stacks]
        uses = uses_of([*late.values(), *(value for value, _ in weights.values()), *sources], self.there)
        writer = StatementWriter(self.constants, self.there, uses=uses, spare=spare, more=places.temporary)
        for one in self.late:
            name = places.names[one]
            shared = one.kind == "slot" and not places.slot_of[one.node].wide
            if shared and late[one].is_number(0):
                writer.say(f"{name} = after[0].new_zeros(after[0].shape[0], 1)")
            elif shared:
                writer.say(f"{name} = {writer.need(late[one])}.sum(dim=1, keepdim=True)")
                writer.done([late[one]])
            elif one.kind == "source":
                for k, stack in enumerate(places.stacks(one.node)):
                    writer.say(places.product(stack, name, plus=k > 0))
            elif late[one].is_number(0):
                writer.say(f"{name}.zero_()")
            else:
                writer.put(late[one], name)
            writer.note(self.leaf[one], name)
        for stack in places.layout.stacks:
            q, dU = writer.need(stack.source), stack.gradient
            writer.say(
                f"self.factor({places.side_by_side(stack.slots)}).product({q}.t(), plus={dU}, out={dU})"
            )
            writer.done([stack.source])
        for name, (value, factor) in weights.items():
            if not value.is_number(0):
                of, d = self.constants.name(factor), places.layout.d_weights[name]
                is_wide = self.graph.weight(name).wide
                total = f"{writer.need(value)}.sum({'dim=0' if is_wide else ''})"
                writer.say(f"{d}.add_({total})" if factor.is_number(1) else f"{d}.addcmul_({total}, {of})")
                writer.done([value])
        places.add_to = writer.lines

    def _value(self, form: Form) -> Node:
        """A form as a node."""
        terms = ((1.0, self.graph.multiply(factor, self.leaf[part])) for part, factor in form.items())
        return self.graph.add(*terms)

    def _summed(self, form: Form, weight: Node) -> tuple[Node, Node]:
        """A form as a node to be summed over time, and what the sum is multiplied with: weights alone."""
        if len(form) == 1 and weight.wide:
            ((part, factor),) = form.items()
            if factor.stage == 0 and not factor.is_number():
                return self.leaf[part], factor
            (times, term), *others = factor.terms
            is_product = term.operation == "multiply" and not others and not factor.added
            if is_product and term.operands[1].stage == 0:
                rest = self.graph.multiply(self.graph.number(times), term.operands[0], self.leaf[part])
                return rest, term.operands[1]
        return self._value(form), self.graph.number(1)


def _stripped(name: str) -> str:
    return name.removeprefix("d").removeprefix("_")
