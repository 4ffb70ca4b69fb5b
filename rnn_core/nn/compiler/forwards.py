"""The way forwards: what is computed of many time steps at once, in a time step, and behind them."""

from collections import Counter
from dataclasses import dataclass, field

from rnn_core.equations.cell_graph import Slot
from rnn_core.equations.derivatives import Derivatives, needed
from rnn_core.equations.graph import Node, users
from rnn_core.nn.compiler.emission import Constants, Writer
from rnn_core.nn.compiler.layout import Layout, Stack, joined, runs

_FUNCTIONS = {
    "sigmoid", "tanh", "relu", "exp", "log", "sqrt", "softplus", "abs", "logsigmoid", "beside", "expm1",
    "power", "max", "min",
}  # fmt: skip
"""What is put down for the way back rather than computed again."""


@dataclass(slots=True)
class Forwards:
    """The statements of the way forwards, and what they leave."""

    kept: list[str] = field(default_factory=list)
    """The columns: those of slots, then what else is kept."""
    there: dict[Node, str] = field(default_factory=dict)
    """What the way back finds: states before and after, and columns."""
    stretches: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Columns side by side by their name in the statements."""
    prepare: list[str] = field(default_factory=list)
    activate: list[str] = field(default_factory=list)
    step: list[str] = field(default_factory=list)
    finish: list[str] = field(default_factory=list)


def forwards(layout: Layout, derivatives: Derivatives, constants: Constants) -> Forwards:
    """The way forwards of a cell that is laid out."""
    return _Plan(layout, derivatives, constants).found


class _Plan:
    def __init__(self, layout: Layout, derivatives: Derivatives, constants: Constants) -> None:
        self.layout, self.constants = layout, constants
        self.cell, self.found = layout.cell, Forwards()
        self.nodes = self.cell.reached()
        self.above = users(self.nodes)
        self.letters = {node: letter for letter, node in self.cell.new.items()}
        self.by_total = {slot.total: slot for slot in layout.slots}
        self.by_value = {slot.value: slot for slot in layout.slots}
        self.inside = {
            node for node in self.nodes
            if node.operation in ("input", "product") and node not in self.by_total
        }  # fmt: skip
        self.shares = {one: node for node in self.nodes if node.operation == "share" for one in node.operands}
        self.begun = {slot for slot in layout.slots if slot.begins}
        self.zeros: list[Slot] = []
        self.complete: set[Slot] = set()
        self.active: set[Slot] = set()
        self.made: set[Stack] = set()
        self._sort_by_time()
        self._choose_what_is_kept(derivatives)
        self._write()

    def _sort_by_time(self) -> None:
        """Which nodes a time step computes, and which can wait until all have been."""
        in_step = {slot.value for slot in self.layout.slots if slot.total.stage == 2}
        in_step |= {stack.source for stack in self.layout.stacks if not stack.in_block}
        states = {node.name for node in self.nodes if node.operation == "state"}
        in_step |= {node for letter, node in self.cell.new.items() if letter in states}
        for node in self.cell.new.values():  # one that no time step reads may wait, unless it reads a state
            there = {*self.by_value, *self.cell.new.values()} - {node}
            if any(part.operation == "state" for part in needed([node], there)):
                in_step.add(node)
        reached = {node for root in in_step for node in _under(root)}
        self.step = [node for node in self.nodes if node.stage == 2 and node in reached]
        self.block = [node for node in self.nodes if node.stage < 2]
        self.last = [node for node in self.nodes if node.stage == 2 and node not in reached]

    def _choose_what_is_kept(self, derivatives: Derivatives) -> None:
        layout = self.layout
        self.extra: dict[Node, str] = {}
        self.begins: dict[Node, str] = {}
        """What is put in the place of a new state, to which a time step adds the rest."""
        if layout.after is None:
            self.found.kept += [layout.slot_columns[slot] for slot in layout.slots]
        roots = [*derivatives.factors(), *(stack.source for stack in layout.stacks)]
        for one in derivatives.late:
            roots += derivatives.forms[one].values()
        for form in derivatives.weights.values():
            roots += form.values()
        back = {*needed(roots, {*self.by_value, *self.letters})}
        for node in self.block:
            is_own = node in self.by_value or node in self.letters or node in self.inside or not node.operands
            if not is_own and node.stage == 1 and any(self._waits(node, user) for user in self.above[node]):
                self._keep(node, begins=None if node in back else self._begun_by(node))
        for node in dict.fromkeys(self.shares.values()):
            if node not in self.extra:
                self._keep(node)
        live = {*self.nodes} - {*self.by_total}
        while True:
            there = {*self.extra, *self.by_value, *self.letters}
            worth = [node for node in needed(roots, there) if node in live and node.operation in _FUNCTIONS]
            worth = [node for node in worth if node.stage > 0]
            if not worth:
                break
            self._keep(worth[-1])
        self.found.there = {
            node: layout.states[node.name] for node in self.nodes if node.operation == "state"
        }
        self.found.there |= {slot.value: layout.slot_columns[slot] for slot in layout.slots}
        self.found.there |= {node: place for node, place in self.extra.items() if node not in self.begins}
        self.found.there |= {node: layout.new[letter] for node, letter in self.letters.items()}

    def _waits(self, node: Node, user: Node) -> bool:
        """Whether what reads a node of the block is computed later than it."""
        if user in self.by_total:
            return False  # what the block knows is added to a slot in the block
        there = node.operation == "multiply" and all(
            one in self.by_value or one.stage == 0 for one in node.operands
        )
        return user.stage == 2 and not (there and user in self.last)

    def _begun_by(self, node: Node) -> str | None:
        """The state whose new value is a sum that may begin with this, in its own place."""
        match self.above[node]:
            case [user] if user in self.letters and user.operation == "sum" and (1, node) in user.terms:
                is_free = user in self.step and self.letters[user] not in self.begins.values()
                return self.letters[user] if is_free else None
        return None

    def _keep(self, node: Node, *, begins: str | None = None) -> None:
        if begins:
            self.begins[node], self.extra[node] = begins, self.layout.new[begins]
            return
        self.extra[node] = self.layout.letter(node, "kept")
        self.found.kept.append(self.extra[node])

    def _more(self) -> str:
        self.found.kept.append(self.layout.names.series("t"))
        return self.found.kept[-1]

    def _write(self) -> None:
        layout, found = self.layout, self.found
        taken = {layout.after, *self.begins.values()}
        spare = [
            layout.new[letter] for letter, node in self.cell.new.items()
            if node.stage == 2 and letter not in taken
        ]  # fmt: skip
        block = self._writer(self.block, {}, spare)
        self._nodes(block, self.block)
        for stack in layout.stacks:
            if stack.in_block:
                self._product(block, stack)
        for slot in layout.slots:
            if slot.total.stage == 2:
                self._add_block_part(block, slot)

        states = {node: place for node, place in found.there.items() if node.operation == "state"}
        step = self._writer(
            self.step, states | self._left_by(block), sorted(block.temporary, key=spare.__contains__)
        )
        self._nodes(step, self.step)

        left = {node: place for node, place in self._left_by(step).items() if node.operation != "state"}
        finish = self._writer(self.last, left, [])
        self._nodes(finish, self.last)
        found.activate, found.step, found.finish = block.lines, step.lines, finish.lines
        for slot in layout.slots:
            if slot.bias and not slot.matrix:
                begun_as = self.constants.name(self.cell.graph.weight(slot.bias))
                found.prepare.append(f"{layout.slot_columns[slot]}.copy_({begun_as})")
        found.prepare += [f"{layout.slot_columns[slot]}.zero_()" for slot in self.zeros]

    def _writer(self, nodes: list[Node], there: dict[Node, str], spare: list[str]) -> Writer:
        return Writer(self.constants, there, uses=self._uses(nodes), spare=spare, more=self._more)

    def _left_by(self, writer: Writer) -> dict[Node, str]:
        """All that stays where it was put."""
        return {node: place for node, place in writer.where.items() if place not in writer.temporary}

    def _uses(self, nodes: list[Node]) -> Counter[Node]:
        """How often each node is read by these."""
        uses: Counter[Node] = Counter()
        in_block = nodes is self.block
        for node in nodes:
            if node in self.by_total:
                uses.update(term for _, term in self.by_total[node].rest if in_block or term.stage == 2)
            elif node not in self.by_value and node not in self.inside:
                uses.update(node.operands)
        if in_block:
            of_step = [slot for slot in self.layout.slots if slot.total.stage == 2]
            uses.update(term for slot in of_step for _, term in slot.rest if term.stage < 2)
        uses.update(stack.source for stack in self.layout.stacks if stack.in_block == in_block)
        return uses

    def _nodes(self, writer: Writer, nodes: list[Node]) -> None:
        """Computes all that is kept, in an order in which everything is there when it is read."""
        for node in nodes:
            if node in self.by_value:
                self._activate(writer, self.by_value[node])
            elif node in self.extra and node.operation != "share":
                writer.put(node, self.extra[node])
            if node in self.letters:
                place = self.layout.new[self.letters[node]]
                writer.close(place)
                writer.put(node, place)

    def _activate(self, writer: Writer, slot: Slot) -> None:
        """Completes a slot, and puts the function of it in its place, with those beside it that are ready."""
        if slot in self.active:
            return
        self._finish_slot(writer, slot)
        if slot.value in self.shares:
            self._share(writer, self.shares[slot.value])
            return
        if slot.value is slot.total:
            self.active.add(slot)
            writer.note(slot.value, self.layout.slot_columns[slot])
            return
        alike = [
            other for other in self.layout.slots
            if other is slot or (other not in self.active and other.value.operation == slot.value.operation
                and other.value is not other.total and other.value not in self.shares
                and other.total.stage == slot.total.stage
                and self._is_ready(writer, other))
        ]  # fmt: skip
        run = next(run for run in runs(self.layout.slots, alike) if slot in run)
        for other in run:
            self._finish_slot(writer, other)
        place, function = self._place(run), slot.value.operation
        match function:
            case "tanh":
                writer.say(f"tanh({place}, out={place})")
            case "logsigmoid" | "softplus":
                writer.say(f"{place}.copy_({function}({place}))")
            case _:
                writer.say(f"{place}.{function}_()")
        for other in run:
            self.active.add(other)
            writer.note(other.value, self.layout.slot_columns[other])

    def _share(self, writer: Writer, share: Node) -> None:
        """Two sigmoids, and the share of the second one in their sum."""
        pair = [self.by_value[one] for one in share.operands]
        for slot in pair:
            self._finish_slot(writer, slot)
        f, i = (self.layout.slot_columns[slot] for slot in pair)
        writer.say(f"share_of_sigmoids({f}, {i}, out={self.extra[share]})")
        for slot in pair:
            self.active.add(slot)
            writer.note(slot.value, self.layout.slot_columns[slot])
        writer.note(share, self.extra[share])

    def _is_ready(self, writer: Writer, slot: Slot) -> bool:
        """Whether all that is added to a slot is there."""
        stacks = [stack for stack in self.layout.stacks if slot in stack.slots]
        parts = [
            part
            for _, term in slot.rest
            for part in (term.operands if term.operation == "multiply" else [term])
        ]
        return all(stack in self.made or writer.is_there(stack.source) for stack in stacks) and all(
            map(writer.is_there, parts)
        )

    def _finish_slot(self, writer: Writer, slot: Slot) -> None:
        if slot in self.complete:
            return
        for stack in self.layout.stacks:
            if slot in stack.slots:
                self._product(writer, stack)
        self.complete.add(slot)
        of_block = slot.total.stage == 2
        rest = [(times, term) for times, term in slot.rest if not (of_block and term.stage < 2)]
        writer.add_onto(rest, 0.0 if of_block else slot.added, self.layout.slot_columns[slot])

    def _add_block_part(self, writer: Writer, slot: Slot) -> None:
        """Adds what is known before the first time step to a slot that is complete in one."""
        rest = [(times, term) for times, term in slot.rest if term.stage < 2]
        if rest or slot.added:
            self._begin(slot)
            writer.add_onto(rest, slot.added, self.layout.slot_columns[slot])

    def _product(self, writer: Writer, stack: Stack) -> None:
        """Adds the product to all slots of the stack."""
        if stack in self.made:
            return
        self.made.add(stack)
        source, place = writer.need(stack.source), self._place(stack.slots)
        plus = f"plus={place}, " if self.begun & {*stack.slots} else ""
        if plus:
            self._begin(*stack.slots)
        self.begun |= {*stack.slots}
        writer.say(f"self.{stack.name}.product({source}, {plus}out={place})")
        writer.done([stack.source])

    def _begin(self, *slots: Slot) -> None:
        """What is added to these finds zeros if nothing stands there yet."""
        self.zeros += [slot for slot in slots if slot not in self.begun]
        self.begun |= {*slots}

    def _place(self, slots: list[Slot] | tuple[Slot, ...]) -> str:
        """The name of columns side by side."""
        if len(slots) == 1:
            return self.layout.slot_columns[slots[0]]
        stretch = self.layout.stretch(slots)
        for name, known in self.found.stretches.items():
            if known == stretch:
                return name
        name = self.layout.names.take(joined(self.layout.slot_columns[slot] for slot in slots))
        self.found.stretches[name] = stretch
        return name


def _under(root: Node) -> set[Node]:
    return {*needed([root], set())}
