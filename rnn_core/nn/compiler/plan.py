"""The time at which each part of a cell is computed, and the parts that are kept for later.

Before the first time step of a block all that x says is computed; in a time step what takes a state; behind
them what no time step reads.
"""

from rnn_core.equations.derivatives import Derivatives
from rnn_core.equations.functions import FUNCTIONS
from rnn_core.equations.graph import Node, needed, reach, users
from rnn_core.nn.compiler.layout import Layout

_KEPT = {"logsigmoid", "beside", "expm1", "power", "max", "min"}
"""Operations beside functions of one number whose values are kept for the way back, not computed again."""


class Plan:
    """The nodes of a cell by the time at which they are computed, and the places of those that are kept."""

    def __init__(self, layout: Layout, derivatives: Derivatives) -> None:
        self.layout, self.cell = layout, layout.cell
        self.nodes = self.cell.reached()
        self.above = users(self.nodes)
        self.letters = {node: letter for letter, node in self.cell.new.items()}
        """Each new state -> its letter."""
        self.by_total = {slot.total: slot for slot in layout.slots}
        self.by_value = {slot.value: slot for slot in layout.slots}
        self.inside = {
            node for node in self.nodes
            if node.operation in ("input", "product") and node not in self.by_total
        }  # fmt: skip
        """Products that are added to a slot, and are nothing by themselves."""
        self.shares = {one: node for node in self.nodes if node.operation == "share" for one in node.operands}
        """Each of two sigmoids -> their share, which is computed with them."""
        self.columns: list[str] = []
        """The columns that are kept, by their names in the source: first the slots."""
        self.extra: dict[Node, str] = {}
        """The place of all that is kept beside slots and new states."""
        self.begins: dict[Node, str] = {}
        """Each node put in the place of a new state, to which a time step adds the rest -> that state."""
        self._sort_by_time()
        self._choose_what_is_kept(derivatives)

    @property
    def there(self) -> dict[Node, str]:
        """The nodes that the way back finds -> their places: states before and after, and what is kept."""
        layout = self.layout
        found = {node: layout.states[node.name] for node in self.nodes if node.operation == "state"}
        found |= {slot.value: layout.slot_columns[slot] for slot in layout.slots}
        found |= {node: place for node, place in self.extra.items() if node not in self.begins}
        return found | {node: layout.new[letter] for node, letter in self.letters.items()}

    def _sort_by_time(self) -> None:
        """Parts the nodes that a time step computes from those that can wait until all have been."""
        in_step = {slot.value for slot in self.layout.slots if slot.total.stage == 2}
        in_step |= {stack.source for stack in self.layout.stacks if not stack.is_in_block}
        states = {node.name for node in self.nodes if node.operation == "state"}
        in_step |= {node for letter, node in self.cell.new.items() if letter in states}
        for node in self.cell.new.values():  # one that no time step reads may wait, unless it reads a state
            there = {*self.by_value, *self.cell.new.values()} - {node}
            if any(part.operation == "state" for part in needed([node], there)):
                in_step.add(node)
        reached = {*reach(in_step)}
        self.step = [node for node in self.nodes if node.stage == 2 and node in reached]
        self.block = [node for node in self.nodes if node.stage < 2]
        self.last = [node for node in self.nodes if node.stage == 2 and node not in reached]

    def _choose_what_is_kept(self, derivatives: Derivatives) -> None:
        layout = self.layout
        if layout.after is None:
            self.columns += [layout.slot_columns[slot] for slot in layout.slots]
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
            kept = _KEPT | {one.name for one in FUNCTIONS.values() if one.slope}
            worth = [node for node in needed(roots, there) if node in live and node.operation in kept]
            worth = [node for node in worth if node.stage > 0]
            if not worth:
                break
            self._keep(worth[-1])

    def _waits(self, node: Node, user: Node) -> bool:
        """True if `user`, which reads a node of the block, is computed later than that node."""
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
        self.columns.append(self.extra[node])
