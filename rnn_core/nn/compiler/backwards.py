"""The way backwards: factors of many time steps, the gradients of one, and those of the weights."""

from dataclasses import dataclass, field

from rnn_core.equations.derivatives import Derivatives, Form, Gradient
from rnn_core.equations.graph import Node, Slot
from rnn_core.nn.compiler.emission import Constants, Writer, plain, uses_of
from rnn_core.nn.compiler.forwards import Forwards
from rnn_core.nn.compiler.layout import Layout, Stack, columns, joined, spelled


@dataclass(slots=True)
class Backwards:
    """The statements of the way backwards, and the memory that they use."""

    columns: list[str] = field(default_factory=list)
    """The memory beside the gradients of slots, H numbers of each row, in the order of the scratch."""
    stretches: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Gradients of slots side by side by their name in the statements."""
    each_of: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The same, as (n, slots, H)."""
    factors: list[str] = field(default_factory=list)
    step: list[str] = field(default_factory=list)
    add_to: list[str] = field(default_factory=list)


def backwards(
    layout: Layout, derivatives: Derivatives, forwards: Forwards, constants: Constants
) -> Backwards:
    """The way backwards of a cell that is laid out."""
    return _Plan(layout, derivatives, forwards, constants).found


class _Plan:
    def __init__(
        self, layout: Layout, derivatives: Derivatives, forwards: Forwards, constants: Constants
    ) -> None:
        self.layout, self.derived, self.there, self.constants = layout, derivatives, forwards.there, constants
        self.graph, self.found = layout.cell.graph, Backwards()
        self.slot_of = {slot.total: slot for slot in layout.slots}
        self.letters = {node: letter for letter, node in layout.cell.new.items()}
        self.factor_places: dict[Node, str] = {}
        self.in_place: dict[Gradient, Gradient] = {}
        """Of the gradient of a slot, the part whose factor lies in its own place."""
        self._name_gradients()
        self._factors()
        self._step()
        self._weights()

    # -- places

    def _name_gradients(self) -> None:
        layout, take = self.layout, self.layout.names.take
        self.names: dict[Gradient, str] = {}
        self.states: dict[str, str] = {}
        for letter, name in layout.states.items():
            self.states[letter] = take(f"d{name}" if len(name) == 1 else f"d_{name}")
            self.names[Gradient("state", layout.cell.new[letter])] = self.states[letter]
        for slot, name in layout.gradients.items():
            self.names[Gradient("slot", slot.total)] = name
        stored = [one for one in self.derived.order if one in self.derived.stored() | self._moved()]
        self.stored = {one: self._column(take(f"{self.names[one]}_new")) for one in stored}
        for one in self.derived.order:
            if one.kind == "source":
                letter = spelled(layout.cell.letters.get(one.node, "q"))
                self.names[one] = self._column(take(f"d{letter}" if len(letter) == 1 else f"d_{letter}"))

    def _moved(self) -> set[Gradient]:
        """States whose gradients must be put down since each is read for the other."""
        return {Gradient("state", self.layout.cell.new[letter]) for letter in self._order_of_states()[1]}

    def _order_of_states(self) -> tuple[list[str], list[str]]:
        """The order in which the gradients of the states before are made, and which are read later, too."""
        order, moved, waiting = list[str](), list[str](), dict(self.derived.before)
        letter_of = {Gradient("state", node): letter for letter, node in self.layout.cell.new.items()}
        while waiting:
            read = {
                letter: {letter_of[one] for one in form if one.kind == "state"} - {letter}
                for letter, form in waiting.items()
            }
            is_read = set().union(*read.values()) - {*moved}
            free = next((letter for letter in waiting if letter not in is_read), None)
            if free is None:
                free = next(iter(waiting))
                moved.append(free)
            order.append(free)
            del waiting[free]
        return order, moved

    def _column(self, name: str) -> str:
        self.found.columns.append(name)
        return name

    def _more(self) -> str:
        return self._column(self.layout.names.series("t"))

    # -- factors of many time steps

    def _factors(self) -> None:
        jobs: list[tuple[Node, str]] = []
        for one in self.derived.order:
            if one.kind == "slot" and one not in self.derived.late:
                form = self.derived.forms[one]
                own = next((part for part, factor in form.items() if factor.stage > 0), None)
                if own is not None:
                    self.in_place[one] = own
                    jobs.append((form[own], self.names[one]))
        forms: list[tuple[str, Gradient | None, Form]] = [
            (self.names[one], one, self.derived.forms[one]) for one in self.derived.order
        ]
        forms = [(name, one, form) for name, one, form in forms if one not in self.derived.late]
        forms += [(self.states[letter], None, form) for letter, form in self.derived.before.items()]
        for name, of, form in forms:
            for part, factor in form.items():
                is_in_place = of is not None and self.in_place.get(of) == part
                if factor.stage > 0 and not is_in_place and factor not in self.factor_places:
                    by = f"{_without_d(self.names[part])}_by_{_without_d(name)}"
                    self.factor_places[factor] = self._column(self.layout.names.take(by))
                    jobs.append((factor, self.factor_places[factor]))
        free = [
            *self.stored.values(),
            *(self.names[one] for one in self.derived.order if one.kind == "source"),
        ]
        uses = uses_of((factor for factor, _ in jobs), self.there)
        writer = Writer(self.constants, self.there, uses=uses, spare=free, more=self._more)
        for factor, place in sorted(jobs, key=lambda job: job[0].place):
            writer.put(factor, place)
        for one in self.derived.order:
            if one.kind == "slot" and not self.derived.forms[one] and one not in self.derived.late:
                writer.say(f"{self.names[one]}.zero_()")
        self.found.factors = writer.lines

    def _factor(self, factor: Node) -> str:
        return self.factor_places[factor] if factor.stage > 0 else self.constants.name(factor)

    # -- a time step

    def _step(self) -> None:
        self.lines, self.waiting = list[str](), list[Slot]()
        for one in self.derived.order:
            if one in self.derived.late:
                continue
            match one.kind:
                case "state":
                    for part, factor in self.derived.forms[one].items():
                        self._read(part)
                        self.lines.append(self._plus(self.names[one], part, factor))
                case "slot":
                    for part in self.derived.forms[one]:
                        self._read(part)
                    self.waiting.append(self.slot_of[one.node])
                case "source":
                    self._flush()
                    is_first = True
                    for stack in self._stacks(one.node):
                        self._product(self.lines, stack, self.names[one], plus=not is_first)
                        is_first = False
        self._flush()
        watch = [f"    watched[{k}].copy_({d})" for k, d in enumerate(self.states.values())]
        self.lines += ["if watched:", *watch]
        self.lines += [f"{place}.copy_({self.names[one]})" for one, place in self.stored.items()]
        self._before()
        self.found.step = self.lines

    def _read(self, part: Gradient) -> None:
        """Before a gradient is read, it must have been made."""
        if part.kind == "slot" and self.slot_of[part.node] in self.waiting:
            self._flush()

    def _plus(self, place: str, part: Gradient, factor: Node, name: str = "") -> str:
        """What one part adds to a gradient."""
        name = name or self.names[part]
        if factor.is_number():
            times = "" if factor.is_number(1) else f", alpha={plain(factor.value)}"
            return f"{place}.add_({name}{times})"
        return f"{place}.addcmul_({name}, {self._factor(factor)})"

    def _flush(self) -> None:
        """Makes the gradients of the slots that wait; neighbours that are made of the same one together."""
        waiting = sorted(self.waiting, key=self.layout.at)
        self.waiting = []
        while waiting:
            run = [waiting.pop(0)]
            part = self._only(run[0])
            while (
                part
                and waiting
                and self._only(waiting[0]) == part
                and self.layout.at(waiting[0]) == self.layout.at(run[-1]) + 1
            ):
                run.append(waiting.pop(0))
            if len(run) > 1 and part:
                name = self._each_of(run)
                self.lines.append(f"{name}.mul_({self.names[part]}.unsqueeze(1))")
            else:
                self._slot(run[0])

    def _only(self, slot: Slot) -> Gradient | None:
        """The gradient that a slot's is made of, if that is one and its factor lies there already."""
        own = Gradient("slot", slot.total)
        form = self.derived.forms[own]
        return self.in_place.get(own) if len(form) == 1 else None

    def _slot(self, slot: Slot) -> None:
        own = Gradient("slot", slot.total)
        form, place = dict(self.derived.forms[own]), self.names[own]
        if not form:
            return
        first = self.in_place.get(own)
        if first is None:
            first, factor = next(iter(form.items()))
            self.lines.append(self._times(place, self.names[first], factor))
        else:
            self.lines.append(f"{place}.mul_({self.names[first]})")
        del form[first]
        for part, factor in form.items():
            self.lines.append(self._plus(place, part, factor))

    def _times(self, place: str, name: str, factor: Node) -> str:
        """A gradient times a factor, somewhere else."""
        if factor.is_number(1):
            return f"{place}.copy_({name})"
        return f"torch.mul({name}, {self._factor(factor)}, out={place})"

    def _before(self) -> None:
        """The gradients of the states before, in the place of those of the states after."""
        moved = {
            letter: self.stored[Gradient("state", self.layout.cell.new[letter])]
            for letter in self._order_of_states()[1]
        }
        done: set[str] = set()
        for letter in self._order_of_states()[0]:
            place, form = self.states[letter], dict(self.derived.before[letter])
            own = Gradient("state", self.layout.cell.new[letter])
            begun = own in form
            if begun and not form[own].is_number(1):
                self.lines.append(f"{place}.mul_({self._factor(form[own])})")
            for part, factor in form.items():
                if part == own:
                    continue
                name = self.names[part]
                if part.kind == "state" and (old := self.letters[part.node]) in moved:
                    name = moved[old]
                self.lines.append(
                    self._plus(place, part, factor, name) if begun else self._times(place, name, factor)
                )
                begun = True
            for stack in self._stacks(self.graph.state(letter)):
                self._product(self.lines, stack, place, plus=begun)
                begun = True
            if not begun:
                self.lines.append(f"{place}.zero_()")
            done.add(letter)

    # -- the weights

    def _weights(self) -> None:
        """Late gradients, then those of matrices, then those of one number a unit."""
        layout, derived = self.layout, self.derived
        leaf = {one: self.graph.make("gradient", of=one, stage=2) for one in derived.order}
        places = {
            leaf[one]: self.stored.get(one, self.names[one]) for one in derived.order
            if one not in derived.late and (one.kind != "state" or one in self.stored)
        }  # fmt: skip
        late = [one for one in derived.order if one in derived.late]
        values = {one: self._value(derived.forms[one], leaf) for one in late if one.kind == "slot"}
        weights = {name: self._sum_over_time(form, leaf) for name, form in derived.weights.items()}
        there = {**self.there, **places}
        roots = [
            *values.values(),
            *(value for value, _ in weights.values()),
            *(stack.source for stack in layout.stacks),
        ]
        uses = uses_of(roots, there)
        writer = Writer(self.constants, there, uses=uses, spare=self.factor_places.values(), more=self._more)
        for one in late:
            if one.kind == "source":
                for k, stack in enumerate(self._stacks(one.node)):
                    self._product(writer.lines, stack, self.names[one], plus=k > 0)
            elif values[one].is_number(0):
                writer.say(f"{self.names[one]}.zero_()")
            else:
                writer.put(values[one], self.names[one])
            writer.note(leaf[one], self.names[one])
        for stack in layout.stacks:
            q, d = writer.need(stack.source), self._gradients_of(stack)
            writer.say(f"self.factor({d}).product({q}.t(), plus=d{stack.name}, out=d{stack.name})")
            writer.done([stack.source])
        for name, (value, factor) in weights.items():
            d = f"{self.d_weights[name]}"
            if value.is_number(0):
                continue
            total = f"{writer.need(value)}.sum(dim=0)"
            writer.done([value])
            if factor.is_number():
                times = "" if factor.is_number(1) else f", alpha={plain(factor.value)}"
                writer.say(f"{d}.add_({total}{times})")
            else:
                writer.say(f"{d}.addcmul_({total}, {self.constants.name(factor)})")
        self.found.add_to = writer.lines

    @property
    def d_weights(self) -> dict[str, str]:
        """The name of the gradient of each weight of one number a unit."""
        return {name: f"d_{self.layout.weights[name]}" for name in self.derived.weights}

    def _value(self, form: Form, leaf: dict[Gradient, Node]) -> Node:
        """A form as a node."""
        return self.graph.add(
            *((1.0, self.graph.multiply(factor, leaf[part])) for part, factor in form.items())
        )

    def _sum_over_time(self, form: Form, leaf: dict[Gradient, Node]) -> tuple[Node, Node]:
        """A form as a node to be summed over time, and what the sum is multiplied with: weights alone."""
        one = self.graph.number(1)
        if len(form) == 1:
            ((part, factor),) = form.items()
            if factor.stage == 0:
                return leaf[part], factor
            (times, term), *others = factor.terms
            if (
                term.operation == "multiply"
                and term.operands[0].stage == 0
                and not others
                and not factor.added
            ):
                rest = self.graph.multiply(self.graph.number(times), term.operands[1], leaf[part])
                return rest, term.operands[0]
        return self._value(form, leaf), one

    # -- products

    def _stacks(self, source: Node) -> list[Stack]:
        return [stack for stack in self.layout.stacks if stack.source is source]

    def _product(self, lines: list[str], stack: Stack, out: str, *, plus: bool) -> None:
        d = self._gradients_of(stack)
        lines.append(f"self.{stack.name}_T.product({d}, {f'plus={out}, ' if plus else ''}out={out})")

    def _gradients_of(self, stack: Stack) -> str:
        """The gradients of the slots of a stack side by side."""
        if len(stack.slots) == 1:
            return self.layout.gradients[stack.slots[0]]
        stretch = self.layout.stretch(stack.slots)
        for name, known in self.found.stretches.items():
            if known == stretch:
                return name
        name = self.layout.names.take(f"d{joined(self.layout.columns[slot] for slot in stack.slots)}")
        self.found.stretches[name] = stretch
        return name

    def _each_of(self, slots: list[Slot]) -> str:
        """The same as (n, slots, H)."""
        stretch = self.layout.stretch(slots)
        for name, known in self.found.each_of.items():
            if known == stretch:
                return name
        name = self.layout.names.take(f"each_of_d{joined(self.layout.columns[slot] for slot in slots)}")
        self.found.each_of[name] = stretch
        return name


def _without_d(name: str) -> str:
    return name.removeprefix("d").removeprefix("_")


def cut(found: Backwards, layout: Layout, name: str) -> str:
    """What a name of the statements stands for in `scratch`."""
    if name in found.stretches:
        a, b = found.stretches[name]
        return "scratch[0]" if b - a == len(layout.slots) else columns(a, b, "scratch[0]")
    if name in found.each_of:
        a, b = found.each_of[name]
        part = "" if b - a == len(layout.slots) else f"[:, {a}:{b}]"
        return f"scratch[0].view(-1, {len(layout.slots)}, self.H){part}"
    if name in found.columns:
        return f"scratch[{1 + found.columns.index(name)}]"
    at = next(layout.at(slot) for slot, gradient in layout.gradients.items() if gradient == name)
    return "scratch[0]" if len(layout.slots) == 1 else columns(at, at + 1, "scratch[0]")
