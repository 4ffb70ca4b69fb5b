"""The source of a pass, put together from its statements: a method for each of `Pass`, as by hand."""

import re
from collections.abc import Callable, Iterable, Sequence
from textwrap import wrap

from rnn_core.equations.equations import Equations
from rnn_core.nn.compiler.backwards import Backwards
from rnn_core.nn.compiler.forwards import Forwards
from rnn_core.nn.compiler.words import equations_in_words, gradients_in_words

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
        return [*self.of_kept(said)[0], *self._states(said), *self.of_scratch(said)[0], *lines]

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

    def of_kept(self, said: set[str]) -> tuple[list[str], list[str]]:
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

    def of_scratch(self, said: set[str]) -> tuple[list[str], list[str]]:
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
        cut, forward = self._cut("kept", self.of_kept, forwards.step)
        yield "cut(self, kept)", cut
        yield "forward(self, kept, before, after)", forward
        if forwards.finish:
            yield "finish(self, kept, after)", block(forwards.finish)
        yield "factors(self, kept, before, after, scratch)", block(backwards.factors)
        cut, backward = self._cut("scratch", self.of_scratch, backwards.step)
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
