"""Equations as a student writes them in PyTorch, in several styles."""

from collections.abc import Iterator

import torch
from typing_extensions import override

from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Name, Product
from rnn_core.equations.printing import ATOM, POWER, TERM, CodeWriter

STYLES = ("apart", "fused", "stacked")
"""Each weight by itself; those of one left side in one nn.Linear, cut; those of one shape in one tensor."""


class Code(CodeWriter):
    """The source of a cell, and its parameters from the weights of the equations."""

    def __init__(self, equations: Equations, style: str) -> None:
        self.equations, self.style = equations, style
        self.groups = self._groups()
        self.at = {name: (key, place) for key, some in self.groups.items() for place, name in enumerate(some)}

    def _groups(self) -> dict[str, list[str]]:
        """Parameter -> the weights that lie in it."""
        found: dict[str, list[str]] = {}
        for name, weight in self.equations.weights.items():
            rows, columns = (*self.equations.shape(name, 3, 5), None)[:2]
            kind = ("x" if weight.multiplies_x else "h") if weight.is_matrix else "b"
            alike = kind if self.style == "fused" and kind == "x" else f"{kind}_{rows}_{columns}"
            found.setdefault(f"w_{name}" if self.style == "apart" else alike, []).append(name)
        return found

    def parameters(self, weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        found = {}
        for key, some in self.groups.items():
            several = [weights[name] for name in some]
            if self.style == "fused" and key == "x":
                found[key] = torch.cat(several, 1).T
            else:
                found[key] = several[0] if self.style == "apart" else torch.stack(several, dim=-1)
        return found

    def source(self) -> str:
        states = self.equations.states
        lines = [*self._init(), "def forward(self, x, state):"]
        unpacked = ", ".join(map(self.name, states))
        lines += [f"    {unpacked} = state", *(f"    {line}" for line in self._step())]
        lines += [f"    return {', '.join(self.name(name + chr(39)) for name in states)}"]
        if self.equations.starts:
            lines += ["def initial_state(self, B):", f"    return {', '.join(map(self._start, states))}"]
        body = "\n".join(f"    {line}" for line in lines)
        return f"import torch\nclass Cell(torch.nn.Module):\n    states = {states!r}\n{body}\n"

    def _init(self) -> Iterator[str]:
        yield "def __init__(self, E, H):"
        yield "    super().__init__(); self.H = H"
        for key, some in self.groups.items():
            shapes = [self._shape(name) for name in some]
            if self.style == "fused" and key == "x":
                shape = f"{' + '.join(one[1] for one in shapes)}, {shapes[0][0]}"
            else:
                shape = ", ".join([*shapes[0], *([] if self.style == "apart" else [str(len(some))])])
            yield f"    self.{key} = torch.nn.Parameter(torch.randn({shape}))"

    def _shape(self, name: str) -> list[str]:
        known = {3: "E", 5: "H"}
        return [known.get(size, str(size)) for size in self.equations.shape(name, 3, 5)]

    def _step(self) -> Iterator[str]:
        if self.style == "fused" and "x" in self.groups:
            sizes = ", ".join(self._shape(name)[1].replace("H", "self.H") for name in self.groups["x"])
            several = ", ".join(f"x_{name}" for name in self.groups["x"])
            yield f"{several}, = torch.nn.functional.linear(x, self.x).split([{sizes}], 1)"
        for line in self.equations.everything:
            yield f"{self.name(line.name)} = {self.code(line.right)}"

    def _start(self, state: str) -> str:
        begins = self.equations.starts.get(state, 0.0)
        if isinstance(begins, str):
            return f"{self.name(begins)}.expand(B, self.H)"
        return f"torch.full((B, self.H), {begins!r})"

    @override
    def name(self, name: str) -> str:
        if name in self.equations.constants:
            return repr(self.equations.constants[name])
        if name in self.at:
            key, place = self.at[name]
            return f"self.{key}" if self.style == "apart" else f"self.{key}[..., {place}]"
        return name if name == "x" else f"v_{name.replace(chr(39), '_new')}"

    @override
    def product(self, product: Product) -> tuple[str, int]:
        if self.style == "fused" and product.left == Name("x"):
            return f"x_{product.matrix}", ATOM
        if self.style == "stacked":
            left = self.code(product.left)
            return f"torch.einsum('bi,ij->bj', {left}, {self.name(product.matrix)})", ATOM
        return f"{self.code(product.left, POWER)} @ {self.name(product.matrix)}", TERM

    @override
    def applied(self, function: str, arguments: tuple) -> tuple[str, int]:
        several = [self.code(one) for one in arguments]
        match function, arguments:
            case "^", _:
                return f"({several[0]}) ** ({several[1]})", ATOM
            case "where", _:
                return f"torch.where({several[0]} > 0, {several[1]}, {several[2]})", ATOM
            case "mean", _:
                return f"{self.code(arguments[0], ATOM)}.mean(1, keepdim=True)", ATOM
            case "softplus", _:
                return f"torch.nn.functional.softplus({several[0]})", ATOM
            case (("max" | "min"), _):
                return f"torch.{function}imum({several[0]}, {several[1]})", ATOM
        return f"torch.{function}({', '.join(several)})", ATOM
