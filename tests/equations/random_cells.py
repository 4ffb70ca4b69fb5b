"""Random cells as text, each of its seed: all are right, and hold all that the language has between them.

All that is computed reaches h. Values stay small while weights do (normal numbers times 0.4, states begun
between -1 and 1): what is divided by, what has a root, a power or a logarithm lies away from 0, and a memory
keeps a share of at most 1 of itself. So gradients can be compared after dozens of time steps.
"""

import random
import re

SHAPES = {"W": "E, H", "U": "H, H", "R": "2, H", "p": "H", "b": "H"}
"""First letter of a weight's name -> its shape, where this follows from where the weight stands."""
DECLARED = {"V": "E, 1", "Q": "H, 1", "P": "H, 2", "d": "1"}
LETTERS = ["r", "z", "n", "f", "Δ", "g_1", "lambda", "self", "return", "state_0"]
FORMS = {
    "gate": ["sigmoid({sum})"] * 4 + [
        "1 - sigmoid({sum})", "0.5 + 0.5 * tanh({sum})", "exp(-softplus({sum}))",
    ],
    "squashed": ["tanh({wide})"] * 4 + [
        "exp(0.3 * tanh({wide}))", "log(1.5 + tanh({wide}))", "sqrt(1.5 - tanh({wide})^2)",
        "{k} * tanh({wide})", "(1.5 + tanh({wide}))^-0.5", "(1.5 + sigmoid({wide}))^{k}",
        "tanh({wide}) / (1.5 + {known}^2)", "max(tanh({wide}), 0.3 * {known})", "min(tanh({wide}), {known})",
        "tanh({wide}) * tanh({sum})",
        "where({condition}, tanh({wide}), 0.5 * {known})", "-tanh({wide})", "tanh(relu({wide}) - abs({sum}))",
    ],
    "large": [
        "{wide}", "relu({wide})", "softplus({wide})", "abs({sum})", "2 * ({wide}) - 1", "max({wide}, {sum})",
    ],
    "shared": [
        "x @ {V} + {d}", "tanh(x @ {V} + {state} @ {Q} + {d})", "mean({wide})", "sigmoid({state} @ {Q})",
    ],
    "update": [
        "(1 - {g}) * {old} + {g} * {a}", "{g} * {old} + (1 - {g}) * {a}", "{old} + {g} * ({a} - {old})",
        "{a} - {g} * ({a} - {old})", "{g} * {old} + 0.5 * tanh({atom})",
        "0.3 * {old} - tanh({a}) / (1.5 + {a}^2)",
        "{g} / ({g} + {i}) * {old} + {i} / ({g} + {i}) * {a}", "max(0.9 * {old}, tanh({a}))",
        "where({condition}, {g} * {old}, tanh({a}) + 0.1 * {old})", "{g} * tanh({product})",
        "{g} * tanh({state})",
    ],
    "sum": ["{wide}", "{product} + {b}", "{product} + {atom}", "{atom} + {b}", "{p} * {known} + {atom}",
            "{product} - {p} * {known}"],
    "wide": ["x @ {W} + {product} + {b}"] * 4 + [
        "x @ {W}", "x @ {W} + {b}", "x @ {W} + {product} + {product}", "x @ {W} + {product} + {atom} + {b}",
        "(x @ {W}) * ({state} @ {U}) + {b}", "x @ {W} + {known} * ({product} + {b})",
    ],
    "product": ["{state} @ {U}"] * 3 + [
        "({known} * {state}) @ {U}", "(1 - {state}) @ {U}", "{state} @ {P} @ {R}",
    ],
    "atom": ["{known}", "{p} * {known}", "(1 - {known})", "{known} * {known}", "{known}^2"],
    "first of a matrix": ["identity", "orthogonal", "0.5 * glorot", "-0.1", "normal(0, 0.2)"],
    "first": ["0", "-1.5", "uniform(0, 1)", "-log(uniform(0.9, 0.999)^-0.125 - 1)"],
    "start": ["1", "-0.5", "{t}"],
}  # fmt: skip
"""Part of a cell -> its possible forms, with the parts in them. "wide" has H numbers, "sum" may have one."""
ONCE = {"g": "a gate", "i": "a gate", "a": "known"}
"""Parts that are the same wherever they stand in a form."""


def random_cell(seed: int) -> str:
    """Return the text of a cell that `read_cell` reads."""
    return _Author(random.Random(seed)).text()


class _Author:
    """Writes line after line, and knows what may be read."""

    def __init__(self, draw: random.Random) -> None:
        self.draw, self.pick = draw, draw.choice
        self.states = ["h", *self.some(["c", "s", "ψ"], most=2)]
        self.known, self.gates, self.large = [*self.states], [], set()
        self.unread, self.reads = [], set()
        self.weights, self.lines, self.constants = {}, [], []
        self.once = {}

    def some(self, options, *, most):
        return self.draw.sample(options, self.draw.randint(0, most))

    def one_in(self, number):
        return self.draw.randrange(number) == 0

    def text(self) -> str:
        order = self.states + self.some(LETTERS, most=4)
        self.draw.shuffle(order)
        while order[-1] not in self.states:  # what follows the last state would reach nothing
            order.pop()
        for place, letter in enumerate(order):
            self.reads, self.once = set(), {"old": letter}
            if letter in self.states:
                self.state(letter, is_first=place == 0, is_last=place == len(order) - 1)
            else:
                self.quantity(letter, is_first=place == 0)
        return "\n".join([*self.constants, *self.lines, *self.said()])

    def filled(self, form: str) -> str:
        """The form with something in each of its places."""
        return re.sub(r"\{(\w+)\}", lambda found: self.part(found[1]), form)

    def part(self, name: str) -> str:
        if name in FORMS:
            return self.filled(self.pick(FORMS[name]))
        if name in ONCE and name not in self.once:
            self.once[name] = self.part(ONCE[name])
        if name in self.once:
            return self.read(self.once[name])
        match name:
            case "known":
                found = self.read(self.pick(self.unread if self.unread and self.one_in(2) else self.known))
                return f"tanh({found})" if found in self.large else found
            case "condition":  # through which no gradient goes, so that it must be read elsewhere, too
                return self.pick(self.known)
            case "state":
                return self.read(
                    self.pick([known for known in self.known if known.rstrip("'") in self.states])
                )
            case "a gate":
                return (
                    self.pick(self.gates)
                    if self.gates and not self.one_in(4)
                    else self.filled("sigmoid({atom})")
                )
            case "k":
                self.constants = self.constants or [f"const k = {self.pick(['0.5', '2', '1e-3'])}"]
                return "k"
            case "t":
                return f"t_{self.pick(self.states)}"
        return self.weight(name)

    def weight(self, stem: str) -> str:
        """A weight with this letter, now and then one that stands elsewhere, too."""
        there = self.weights.setdefault(stem, [])
        if there and self.one_in(6):
            return self.pick(there)
        there.append(f"{stem}_{len(there) + 1}")
        return there[-1]

    def read(self, name: str) -> str:
        self.reads.add(name)
        self.unread = [one for one in self.unread if one != name]
        return name

    def quantity(self, letter: str, *, is_first: bool) -> None:
        kind = (
            "squashed" if is_first else self.pick(["gate", "gate", "squashed", "squashed", "large", "shared"])
        )
        self.lines.append(f"{letter} = {self.part(kind)}")
        self.known.append(letter)
        self.unread.append(letter)
        if kind == "gate":
            self.gates.append(letter)
        elif kind != "squashed":
            self.large.add(letter)

    def state(self, letter: str, *, is_first: bool, is_last: bool) -> None:
        right = self.part("squashed" if is_first or self.one_in(4) else "update")
        left = [*self.unread] if is_last else []
        if letter == "h":  # which all states reach
            left += [name for name in self.states[1:] if not {name, f"{name}'"} & self.reads]
        right += "".join(f" + 0.1 * tanh({self.read(name)})" for name in left)
        self.lines.append(f"{letter}' = {right}")
        self.known.append(f"{letter}'")

    def said(self) -> list[str]:
        """Widths, first values, limits and starts."""
        lines = []
        for stem, weights in self.weights.items():
            shape = DECLARED.get(stem) or SHAPES[stem]
            last = self.pick(["", "", " in the last layer"])
            if stem in DECLARED or self.one_in(4):
                lines.append(f"{', '.join(weights)} ({shape})")
            if self.one_in(4):
                first = self.part("first of a matrix" if "," in shape else "first")
                lines.append(f"{weights[0]} ~ {first}{last}")
            if self.one_in(6):
                lines.append(f"{weights[-1]} in [-1.5, 2]{last}")
        return lines + [f"{state}(0) = {self.part('start')}" for state in self.states if self.one_in(4)]
