"""The source of a pass, put together from its statements: a method for each of `Pass`, as by hand.

Its docstring has the equations, and the derived gradients as `dz = dh' * (n - h) * z * (1 - z)`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from textwrap import wrap

from rnn_core.equations.derivatives import Derivatives, Form, Gradient
from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, walk
from rnn_core.equations.graph import Node
from rnn_core.equations.printing import printed
from rnn_core.equations.sums import renamed, terms, times, total
from rnn_core.nn.compiler.backwards import Backwards
from rnn_core.nn.compiler.forwards import Forwards
from rnn_core.nn.compiler.layout import Layout, spelled

_CARRIED = Name("what came from the next time step")
_MOST = 200
"""Parts of what has no name: lines that read the one before twice would make it twice as long each."""
LONGEST = 100
"""Characters in a line, where it has a comma or a blank to end at."""
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_LIST = re.compile(r"(return )?(\w+, [\w, ]+)( = .+)?", re.ASCII)
_Parts = Callable[[set[str]], tuple[list[str], list[str]]]


def source_of(name: str, equations: Equations, forwards: Forwards, backwards: Backwards) -> str:
    """The class of a pass as text."""
    layout = backwards.layout
    said = gradients_in_words(layout, backwards.derived, backwards.names)
    docstring = [*equations_in_words(equations, layout), "", *said]
    docstring = [
        short for line in docstring for short in wrap(line, LONGEST, subsequent_indent="    ") or [""]
    ]
    text = [f'"""{docstring[0]}', *docstring[1:], '"""', ""]
    methods = _Methods(forwards, backwards)
    text += methods.declared()
    for head, body in methods.all():
        text += ["", f"def {head}:", *(f"    {line}" for line in body or ["return"])]
    text = [short for line in text for short in _folded(line)]
    return "\n".join([f"class {name}(Pass):", *(f"    {line}".rstrip() for line in text), ""])


class _Methods:
    """Each method, with the assignments that take apart the memory that names in its statements stand for."""

    def __init__(self, forwards: Forwards, backwards: Backwards) -> None:
        layout = backwards.layout
        self.forwards, self.backwards, self.layout = forwards, backwards, layout
        self.gradients = [layout.gradients[slot] for slot in layout.wide]
        self.all_gradients = backwards.side_by_side(layout.wide)
        self.scratch = [self.all_gradients, *backwards.columns]

    def declared(self) -> list[str]:
        """The attributes that say how much is kept, and how much is written on."""
        layout = self.layout
        said = {place: layout.cell.letters.get(node) for node, place in self.forwards.plan.there.items()}
        letters = {name: name if said.get(name) == name else f"_{name}" for name in self.forwards.kept}
        lines = [f"kept = {_quoted(letters.values())}"]
        if layout.shared:
            lines.append(f"shared = {_quoted(letters[layout.slot_columns[slot]] for slot in layout.shared)}")
        widths = (len(layout.wide), *(1 for _ in self.backwards.columns))
        comment = ", ".join([" ".join(self.gradients), *self.backwards.columns])
        scratch = f"scratch = {widths!r}  # {comment}"
        return [*lines, *([scratch] if len(scratch) < LONGEST else [f"# {comment}", f"scratch = {widths!r}"])]

    def block(self, lines: Sequence[str]) -> list[str]:
        """Statements for many time steps, behind those that take all that they name out of the arguments."""
        said = _names(lines)
        return [*self.kept_parts(said)[0], *self._states(said), *self.scratch_parts(said)[0], *lines]

    def _cut(self, memory: str, of_memory: _Parts, lines: Sequence[str]) -> tuple[list[str], list[str]]:
        """The lines that cut memory into what statements for a time step name, and then these."""
        said = _names(lines)
        taken, names = of_memory(said)
        return [*taken, _returned(names)], [*_unpacked(names, memory, said), *self._states(said), *lines]

    def _states(self, said: set[str]) -> list[str]:
        """Assignments of states and of gradients."""
        layout = self.layout
        d_weights = [*(stack.gradient for stack in layout.stacks), *layout.d_weights.values()]
        lines = _unpacked(d_weights, "gradients", said)
        lines += _unpacked(layout.states.values(), "before", said)
        lines += _unpacked(layout.new.values(), "after", said)
        return lines + _unpacked(layout.d_states.values(), "d", said)

    def kept_parts(self, said: set[str]) -> tuple[list[str], list[str]]:
        """Assignments, and then the names, of columns side by side and alone."""
        names, layout = self.forwards.kept, self.layout
        parts = "kept.split(self.widths, dim=1)" if layout.shared else f"kept.chunk({len(names)}, dim=1)"
        lines = _unpacked(names, parts, said)
        if len(names) == 1 or [name for name in names if name in said] == names[:1] != []:
            lines = [f"{names[0]} = {layout.columns(0, 1, 'kept') if len(names) > 1 else 'kept'}"]
        side_by_side = {
            name: "kept" if (a, b) == (0, len(names)) else layout.columns(a, b, "kept")
            for name, (a, b) in self.forwards.stretches.items() if name in said
        }  # fmt: skip
        lines += [f"{name} = {of}" for name, of in side_by_side.items()]
        return lines, [*side_by_side, *(name for name in names if name in said)]

    def scratch_parts(self, said: set[str]) -> tuple[list[str], list[str]]:
        """Assignments, and then the names, of gradients and factors."""
        wide, backwards, every = len(self.gradients), self.backwards, self.all_gradients
        alone = [name for name in self.gradients if name in said and wide > 1]
        stretches = {
            name: stretch for name, stretch in backwards.stretches.items() if name in said and name != every
        }
        each_of = {name: stretch for name, stretch in backwards.each_of.items() if name in said}
        from_all = {every} if alone or stretches or each_of else set()
        lines = _unpacked(self.scratch, "scratch", said | from_all)
        if alone:
            lines += _unpacked(self.gradients, f"{every}.chunk({wide}, dim=1)", said)
        lines += [f"{name} = {self.layout.columns(a, b, every)}" for name, (a, b) in stretches.items()]
        for name, (a, b) in each_of.items():
            part = "" if b - a == wide else f"[:, {a or ''}:{b}]"
            lines.append(f"{name} = {every}.view(-1, {wide}, self.H){part}")
        names = [name for name in self.scratch if name in said]
        return lines, [*stretches, *each_of, *alone, *names]

    def all(self) -> Iterable[tuple[str, list[str]]]:
        """The head of each method, and its lines."""
        forwards, backwards, block = self.forwards, self.backwards, self.block
        yield "__init__(self, weights, H, factor)", self._initial()
        yield "prepare(self, kept, after)", block([*forwards.prepare, f"return {self._place_of_x()}"])
        if forwards.activate:
            yield "activate(self, kept, after)", block(forwards.activate)
        cut, forward = self._cut("kept", self.kept_parts, forwards.step)
        yield "cut(self, kept)", cut
        yield "forward(self, kept, before, after)", forward
        if forwards.finish:
            yield "finish(self, kept, after)", block(forwards.finish)
        yield "factors(self, kept, before, after, scratch)", block(backwards.factors)
        cut, backward = self._cut("scratch", self.scratch_parts, backwards.step)
        yield "cut_scratch(self, scratch)", cut
        yield "backward(self, scratch, d, watched)", backward
        last = f"return {self._gradient_of_x()}"
        yield "add_to(self, gradients, before, after, kept, scratch)", block([*backwards.add_to, last])

    def _initial(self) -> list[str]:
        """Takes the weights, and computes what they say alone."""
        layout = self.layout
        names = [stack.name for stack in layout.stacks]
        names += [f"self.{name}" for name in layout.weights.values()]
        lines = ["self.H, self.factor = H, factor"]
        if names:
            taken = ", ".join(names) + "," * (len(names) == 1)
            lines = [f"({taken}), self.H, self.factor = weights, H, factor"]
        for U, U_T in ((stack.name, stack.transposed) for stack in layout.stacks):
            lines.append(f"self.{U}, self.{U_T} = factor({U}), factor({U}.t().contiguous())")
        return [*lines, *self.forwards.constants.lines]

    def _place_of_x(self) -> str:
        layout = self.layout
        if layout.after:
            return f"after[{[*layout.states].index(layout.after)}]"
        a, b = layout.stretch(layout.of_x)
        return "kept" if (a, b) == (0, len(self.forwards.kept)) else layout.columns(a, b, "kept")

    def _gradient_of_x(self) -> str:
        layout, every = self.layout, self.all_gradients
        a, b = layout.stretch([slot for slot in layout.of_x if slot.wide])
        wide = every if b - a == len(layout.wide) else layout.columns(a, b, every)
        shared = [layout.gradients[slot] for slot in layout.shared]
        return f"torch.cat([{', '.join([wide, *shared])}], dim=1)" if shared else wide


def _names(lines: Sequence[str]) -> set[str]:
    """All names in statements, but those behind a dot."""
    return {word for line in lines for word in _NAME.findall(line)}


def _unpacked(names: Iterable[str], of: str, said: set[str]) -> list[str]:
    """The assignment of each part to its name, `_` where no statement says it; none if none is said."""
    names = [name if name in said else "_" for name in names]
    left = f"({names[0]},)" if len(names) == 1 else ", ".join(names)
    return [f"{left} = {of}"] if {*names} - {"_"} else []


def _quoted(letters: Iterable[str]) -> str:
    letters = [f'"{letter}"' for letter in letters]
    return f"({', '.join(letters)}{',' if len(letters) == 1 else ''})"


def _returned(parts: Iterable[str]) -> str:
    parts = [*parts]
    return f"return {', '.join(parts) or '()'}{',' if len(parts) == 1 else ''}"


def _folded(line: str) -> list[str]:
    """A line of code or comment, as several where it is a long list of names."""
    indent = line[: len(line) - len(line.lstrip())]
    if len(line) <= LONGEST:
        return [line]
    if line.lstrip().startswith("# "):
        return wrap(line, LONGEST, subsequent_indent=f"{indent}# ")
    if (found := _LIST.fullmatch(line.strip())) is None:
        return [line]
    left, names, right = found.groups("")
    inside = wrap(f"{names},", LONGEST, initial_indent=f"{indent}    ", subsequent_indent=f"{indent}    ")
    return [f"{indent}{left}(", *inside, f"{indent}){right}"]


def gradients_in_words(
    layout: Layout, derivatives: Derivatives, gradients: Mapping[Gradient, str]
) -> Iterator[str]:
    """Each gradient of a time step, in the order in which they are made, then those of the states before."""
    words = _Words(layout, gradients)
    for one in derivatives.order:
        first = [_CARRIED] if one.kind == "state" else []
        source = one.node if one.kind in ("state", "source") else None
        is_named = one.node in words.names or one.kind == "slot"
        of = "" if is_named else f", that of {printed(words.expression(one.node))}"
        if (said := words.sum_of(derivatives.forms[one], source, first)) != _CARRIED.name:
            yield f"{words.name(one)} = {said}{of}"
    for letter, form in derivatives.before.items():
        yield f"d{layout.states[letter]} = {words.sum_of(form, layout.cell.graph.state(letter))}"
    for name, form in derivatives.weights.items():
        yield f"d{layout.weights[name]} = sum of {words.sum_of(form)}"


class _Words:
    def __init__(self, layout: Layout, gradients: Mapping[Gradient, str]) -> None:
        self.layout, self.gradients = layout, gradients
        self.names = {slot.value: layout.slot_columns[slot] for slot in layout.slots}
        self.names |= {
            node: spelled(letter) + "'" * letter.endswith("'") for node, letter in layout.cell.letters.items()
        }
        self.names |= {node: f"{layout.states[letter]}'" for letter, node in layout.cell.new.items()}
        self.said: dict[Node, Expression] = {node: Name(name) for node, name in self.names.items()}

    def name(self, one: Gradient) -> str:
        """The gradient as it is written: of a state that is made with its prime."""
        return f"d{self.names[one.node]}" if one.kind == "state" else self.gradients[one]

    def sum_of(self, form: Form, source: Node | None = None, first: Sequence[Expression] = ()) -> str:
        """A sum of what comes first, of gradients times factors, and of what products bring to a source."""
        products = [times(Name(self.name(one)), self.expression(by)) for one, by in form.items()]
        signed = [pair for one in (*first, *products) for pair in terms(one)]
        said = [printed(total(signed))] if signed else []
        for stack in self.layout.stacks:
            if stack.source is source:
                slots = " ".join(self.layout.gradients[slot] for slot in stack.slots)
                said.append(f"{f'[{slots}]' if len(stack.slots) > 1 else slots} @ {stack.name}^T")
        return " + ".join(said) or "0"

    def expression(self, node: Node) -> Expression:
        """A node in the letters of the equations."""
        if node not in self.said:
            found = self._made(node)
            is_short = sum(1 for _ in walk(found)) <= _MOST
            self.said[node] = found if is_short else Name("...")
        return self.said[node]

    def _made(self, node: Node) -> Expression:
        inside = [self.expression(operand) for operand in node.operands]
        match node.operation, inside:
            case "number", _:
                return total([(-1 if node.value < 0 else 1, Number(abs(node.value)))])
            case "weight", _:
                return Name(self.layout.weights.get(node.name, spelled(node.name)))
            case "state", _:
                return Name(self.layout.states[node.name])
            case "input" | "product", _:
                return Product(inside[0] if inside else Name("x"), spelled(node.name))
            case "sum", _:
                numbers = [number for number, _ in node.terms]
                added = [*zip(numbers, inside, strict=True), (node.added, Number(1))]
                signed = [(1 if by > 0 else -1, times(Number(abs(by)), one)) for by, one in added if by]
                return total(sorted(signed, key=lambda one: (one[0] < 0, not isinstance(one[1], Number))))
            case "multiply", [a, b]:
                return times(a, b)
            case "power", [a]:
                return Apply("^", (a, Number(node.of)))  # type: ignore[arg-type]
            case "sigmoid_gradient", [d, y]:
                return times(times(d, y), _one_minus(y))
            case "tanh_gradient", [d, y]:
                return times(d, _one_minus(Apply("^", (y, Number(2)))))
            case "lerp", [q, p, z]:
                return Apply("+", (q, times(z, Apply("-", (p, q)))))
            case "positive", [a]:
                return Name(f"({printed(a)} > 0)")
            case "beside", [log]:
                return Apply("sqrt", (_one_minus(Apply("exp", (times(Number(2), log),))),))
            case function, _:
                return Apply("/" if function == "divide" else function, tuple(inside))


def _one_minus(one: Expression) -> Expression:
    return Apply("-", (Number(1), one))


def equations_in_words(equations: Equations, layout: Layout) -> list[str]:
    """The equations in the letters of the source; a sign that has no spelling is ?."""

    def safe(name: str) -> str:
        letter = name.removesuffix("'")
        plain = layout.states.get(letter, re.sub(r"[^A-Za-z0-9_]", "?", spelled(letter)))
        return plain + "'" * name.endswith("'")

    return [f"{safe(line.name)} = {printed(renamed(line.right, safe))}" for line in equations.computed]
