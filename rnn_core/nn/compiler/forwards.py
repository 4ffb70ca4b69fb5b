"""The way forwards: what is computed of many time steps at once, in a time step, and behind them."""

from collections import Counter
from collections.abc import Sequence

from rnn_core.equations.cell_graph import Slot
from rnn_core.equations.graph import Node
from rnn_core.nn.compiler.emission import Constants, StatementWriter
from rnn_core.nn.compiler.layout import Stack, runs
from rnn_core.nn.compiler.operations import statement
from rnn_core.nn.compiler.plan import Plan


class Forwards:
    """The statements of the way forwards, and what they leave.

    A slot is complete when all is added to it; then its function takes its place.
    """

    def __init__(self, plan: Plan, constants: Constants) -> None:
        self.plan, self.layout, self.constants = plan, plan.layout, constants
        self.kept = plan.columns
        """The columns: those of the plan, then what is needed for a while."""
        self.stretches: dict[str, tuple[int, int]] = {}
        """Columns side by side by their name in the statements."""
        self.begun = {slot for slot in self.layout.slots if slot.begins}
        self.zeros: list[Slot] = []
        self.made: set[Stack] = set()
        self._write()

    def _more(self) -> str:
        self.kept.append(self.layout.names.series("t"))
        return self.kept[-1]

    def _write(self) -> None:
        layout = self.layout
        taken = {layout.after, *self.plan.begins.values()}
        spare = [
            layout.new[letter] for letter, node in self.layout.cell.new.items()
            if node.stage == 2 and letter not in taken
        ]  # fmt: skip
        block = self._writer(self.plan.block, {}, spare)
        self._nodes(block, self.plan.block)
        for stack in layout.stacks:
            if stack.is_in_block:
                self._product(block, stack)
        for slot in layout.slots:
            if slot.total.stage == 2:
                self._add_block_part(block, slot)

        states = {node: place for node, place in self.plan.there.items() if node.operation == "state"}
        step = self._writer(
            self.plan.step,
            states | self._left_by(block),
            sorted(block.temporary, key=lambda place: (place in spare, place)),
        )
        self._nodes(step, self.plan.step)

        left = {node: place for node, place in self._left_by(step).items() if node.operation != "state"}
        finish = self._writer(self.plan.last, left, [])
        self._nodes(finish, self.plan.last)
        self.activate, self.step, self.finish = block.lines, step.lines, finish.lines
        self.prepare: list[str] = []
        for slot in layout.slots:
            if slot.bias and not slot.matrix:
                begun_as = self.constants.name(self.layout.cell.graph.weight(slot.bias))
                self.prepare.append(f"{layout.slot_columns[slot]}.copy_({begun_as})")
        self.prepare += [f"{layout.slot_columns[slot]}.zero_()" for slot in self.zeros]

    def _writer(self, nodes: list[Node], there: dict[Node, str], spare: list[str]) -> StatementWriter:
        return StatementWriter(self.constants, there, uses=self._uses(nodes), spare=spare, more=self._more)

    def _left_by(self, writer: StatementWriter) -> dict[Node, str]:
        """All that stays where it was put."""
        return {node: place for node, place in writer.where.items() if place not in writer.temporary}

    def _uses(self, nodes: list[Node]) -> Counter[Node]:
        """Counts how often each node is read by these."""
        uses: Counter[Node] = Counter()
        in_block = nodes is self.plan.block
        for node in nodes:
            if node in self.plan.by_total:
                uses.update(term for _, term in self.plan.by_total[node].rest if in_block or term.stage == 2)
            elif node not in self.plan.by_value and node not in self.plan.inside:
                uses.update(node.operands)
        if in_block:
            of_step = [slot for slot in self.layout.slots if slot.total.stage == 2]
            uses.update(term for slot in of_step for _, term in slot.rest if term.stage < 2)
        uses.update(stack.source for stack in self.layout.stacks if stack.is_in_block == in_block)
        return uses

    def _nodes(self, writer: StatementWriter, nodes: list[Node]) -> None:
        """Computes all that is kept, in an order in which everything is there when it is read."""
        for node in nodes:
            if node in self.plan.by_value:
                self._activate(writer, self.plan.by_value[node])
            elif node in self.plan.extra and node.operation != "share":
                writer.put(node, self.plan.extra[node])
            if node in self.plan.letters:
                place = self.layout.new[self.plan.letters[node]]
                writer.close(place)
                writer.put(node, place)

    def _activate(self, writer: StatementWriter, slot: Slot) -> None:
        """Completes a slot, and puts the function of it in its place, with those beside it that are ready."""
        if writer.is_there(slot.value):
            return
        self._complete(writer, slot)
        share = self.plan.shares.get(slot.value)
        pair = [self.plan.by_value[one] for one in share.operands] if share else []
        run = pair or self._alike(writer, slot)
        for other in run:
            if other is not slot:
                self._complete(writer, other)
        if share:
            f, i = (self.layout.slot_columns[other] for other in pair)
            writer.say(f"share_of_sigmoids({f}, {i}, out={self.plan.extra[share]})")
            writer.note(share, self.plan.extra[share])
        elif slot.value is not slot.total:
            place = self._place(run)
            writer.say(statement(slot.value, [place], place))
        for other in run:
            writer.note(other.value, self.layout.slot_columns[other])

    def _alike(self, writer: StatementWriter, slot: Slot) -> list[Slot]:
        """A slot, and those side by side with it that are ready for the same function."""
        alike = [
            other for other in self.layout.slots
            if other is slot or (not writer.is_there(other.value) and other.value is not other.total
                and other.value.operation == slot.value.operation and other.value not in self.plan.shares
                and other.total.stage == slot.total.stage and self._is_ready(writer, other))
        ]  # fmt: skip
        return next(run for run in runs(self.layout.slots, alike) if slot in run)

    def _is_ready(self, writer: StatementWriter, slot: Slot) -> bool:
        """True if all that is added to a slot is there."""
        stacks = [stack for stack in self.layout.stacks if slot in stack.slots]
        parts = [
            part
            for _, term in slot.rest
            for part in (term.operands if term.operation == "multiply" else [term])
        ]
        return all(stack in self.made or writer.is_there(stack.source) for stack in stacks) and all(
            map(writer.is_there, parts)
        )

    def _complete(self, writer: StatementWriter, slot: Slot) -> None:
        """Adds to a slot all that is not there yet."""
        for stack in self.layout.stacks:
            if slot in stack.slots:
                self._product(writer, stack)
        of_block = slot.total.stage == 2
        rest = [(times, term) for times, term in slot.rest if not (of_block and term.stage < 2)]
        writer.add_up(rest, 0.0 if of_block else slot.added, self.layout.slot_columns[slot], onto=True)

    def _add_block_part(self, writer: StatementWriter, slot: Slot) -> None:
        """Adds what is known before the first time step to a slot that is complete in one."""
        rest = [(times, term) for times, term in slot.rest if term.stage < 2]
        if rest or slot.added:
            self._begin(slot)
            writer.add_up(rest, slot.added, self.layout.slot_columns[slot], onto=True)

    def _product(self, writer: StatementWriter, stack: Stack) -> None:
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
        """Marks slots as begun; those where nothing stands yet are filled with zeros to add to."""
        self.zeros += [slot for slot in slots if slot not in self.begun]
        self.begun |= {*slots}

    def _place(self, slots: Sequence[Slot]) -> str:
        """The name of columns side by side."""
        if len(slots) == 1:
            return self.layout.slot_columns[slots[0]]
        return self.layout.side_by_side(self.stretches, slots, "")
