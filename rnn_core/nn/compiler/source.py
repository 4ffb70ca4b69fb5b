"""The source of a pass, put together from its statements."""

import re
from collections.abc import Sequence

from rnn_core.equations.derivatives import Derivatives
from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Expression, Name, Product, replaced
from rnn_core.equations.printing import printed
from rnn_core.nn.compiler.backwards import Backwards
from rnn_core.nn.compiler.backwards import cut as cut_gradient
from rnn_core.nn.compiler.forwards import Forwards
from rnn_core.nn.compiler.forwards import cut as cut_column
from rnn_core.nn.compiler.layout import Layout, columns, spelled, unpack
from rnn_core.nn.compiler.words import in_words

_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


def mentioned(lines: Sequence[str]) -> set[str]:
    """All names in statements, but those behind a dot."""
    return {word for line in lines for word in _WORD.findall(line)}


def source_of(
    name: str, equations: Equations, layout: Layout, derivatives: Derivatives, forwards: Forwards,
    backwards: Backwards, initial: list[str],
) -> str:  # fmt: skip
    """The class of a pass as text."""
    before, after = [*layout.states.values()], [*layout.new.values()]
    kept = {column: column for column in [*forwards.kept, *forwards.stretches]}
    gradients = [*layout.gradients.values(), *backwards.columns, *backwards.stretches, *backwards.each_of]
    states = [*layout.d_states.values()]

    def only(names: Sequence[str], lines: Sequence[str]) -> list[str]:
        """Those of the names that the statements say."""
        said = mentioned(lines)
        return [name for name in names if name in said]

    def some(names: Sequence[str], of: str, lines: Sequence[str]) -> list[str]:
        """The assignment of the parts that statements take, all of them where they take one."""
        said = mentioned(lines)
        if not said & {*names}:
            return []
        return [unpack([name if name in said else "_" for name in names], of)]

    def parts(lines: Sequence[str]) -> list[str]:
        return [f"{one} = {cut_column(forwards, one)}" for one in only([*kept], lines)]

    def scratch_parts(lines: Sequence[str]) -> list[str]:
        return [f"{one} = {cut_gradient(backwards, layout, one)}" for one in only(gradients, lines)]

    of_x = layout.of_x
    a, b = layout.stretch(of_x)
    everything = len(of_x) == len(layout.slots)
    place = columns(a, b, "kept") if (a, b) != (0, len(forwards.kept)) else "kept"
    if layout.after:
        place = f"after[{[*layout.states].index(layout.after)}]"
    step_parts, back_parts = (
        only([*forwards.stretches, *forwards.kept], forwards.step),
        only([*backwards.stretches, *backwards.each_of, *gradients], backwards.step),
    )
    back_parts = [*dict.fromkeys(back_parts)]
    d_weights = [f"d{stack.name}" for stack in layout.stacks]
    return_gradient = "scratch[0]" if everything else columns(a, b, "scratch[0]")

    methods: dict[str, list[str]] = {
        "__init__(self, weights, H, factor)": initial,
        "prepare(self, kept, after)": [*parts(forwards.prepare), *forwards.prepare, f"return {place}"],
    }
    if forwards.activate:
        methods["activate(self, kept, after)"] = [
            *parts(forwards.activate), *some(after, "after", forwards.activate), *forwards.activate,
        ]  # fmt: skip
    methods |= {
        "cut(self, kept)": _returned([cut_column(forwards, one) for one in step_parts]),
        "forward(self, kept, before, after)": [
            unpack(step_parts, "kept"), *some(before, "before", forwards.step),
            *some(after, "after", forwards.step), *forwards.step,
        ],
    }  # fmt: skip
    if forwards.finish:
        methods["finish(self, kept, after)"] = [
            *parts(forwards.finish), *some(after, "after", forwards.finish), *forwards.finish,
        ]  # fmt: skip

    def read(lines: list[str]) -> list[str]:
        """What statements for many time steps read and write."""
        return [
            *parts(lines),
            *some(before, "before", lines),
            *some(after, "after", lines),
            *scratch_parts(lines),
            *lines,
        ]

    own = [*d_weights, *layout.d_weights.values()]
    methods |= {
        "factors(self, kept, before, after, scratch)": read(backwards.factors),
        "cut_scratch(self, scratch)": _returned([cut_gradient(backwards, layout, one) for one in back_parts]),
        "backward(self, scratch, d, watched)": [
            unpack(back_parts, "scratch"), unpack(states, "d"), *backwards.step,
        ],
        "add_to(self, gradients, before, after, kept, scratch)": [
            unpack(own, "gradients"),
            *read(backwards.add_to),
            f"return {return_gradient}",
        ],
    }  # fmt: skip
    lines = [f"class {name}(Pass):"]
    docstring = [*written(equations, layout), "", *in_words(layout, derivatives)]
    lines += [f'    """{docstring[0]}', *(f"    {line}".rstrip() for line in docstring[1:]), '    """', ""]
    lines.append(f"    kept = {tuple(_letters(layout, forwards))!r}")
    widths = (len(layout.slots), *(1 for _ in backwards.columns))
    comment = ", ".join([" ".join(layout.gradients.values()), *backwards.columns])
    lines.append(f"    scratch = {widths!r}  # {comment}")
    for head, body in methods.items():
        body = [line for line in body if line]
        lines += ["", f"    def {head}:", *(f"        {line}" for line in body or ["return"])]
    return "\n".join(lines) + "\n"


def _returned(parts: list[str]) -> list[str]:
    return [f"return {', '.join(parts)}{',' if len(parts) == 1 else ''}" if parts else "return ()"]


def _letters(layout: Layout, forwards: Forwards) -> list[str]:
    """What is kept by the letter that the equations give it, if it is what they say."""
    letter_of = {place: layout.cell.letters.get(node, place) for node, place in forwards.there.items()}
    return [spelled(letter_of.get(column, column)) for column in forwards.kept]


def written(equations: Equations, layout: Layout) -> list[str]:
    """The equations in the letters of the source."""
    letters = dict(layout.states)
    letters |= {f"{letter}'": f"{name}'" for letter, name in layout.states.items()}

    def put(expression: Expression) -> Expression | None:
        match expression:
            case Name(name=name):
                return Name(letters.get(name, safe(name)))
            case Product(left=left, matrix=matrix):
                return Product(replaced(left, put), safe(matrix))
            case _:
                return None

    return [
        f"{letters.get(line.name, safe(line.name))} = {printed(replaced(line.right, put))}"
        for line in equations.computed
    ]


def safe(name: str) -> str:
    """A name of the equations in ASCII, with ? for each sign that has no spelling."""
    return re.sub(r"[^A-Za-z0-9_']", "?", spelled(name) + ("'" if name.endswith("'") else ""))
