"""Operations of a graph as code: a statement that computes into given memory, or an expression.

A table of what there is. Nothing else of a cell becomes code.
"""

from rnn_core.equations.functions import FUNCTIONS
from rnn_core.equations.graph import CannotCompile, Node
from rnn_core.equations.printing import number as plain

_STATEMENTS = {
    "multiply": "torch.mul({0}, {1}, out={out})",
    "lerp": "torch.lerp({0}, {1}, {2}, out={out})",
    "tanh": "tanh({0}, out={out})",
    "relu": "torch.clamp_min({0}, 0, out={out})",
    "softplus": "{out}.copy_(softplus({0}))",
    "logsigmoid": "{out}.copy_(logsigmoid({0}))",
    "beside": "square_root_beside({0}, out={out})",
    "positive": "torch.gt({0}, 0, out={out})",
    "copy": "{out}.copy_({0})",
    "through_sigmoid": "through_sigmoid({0}, {1}, out={out})",
    "through_tanh": "through_tanh({0}, {1}, out={out})",
    "expm1": "torch.expm1({0}, out={out})",
    "sign": "torch.sign({0}, out={out})",
}
"""The statement of each operation of tensors, where it isn't torch's function of this name."""
_IN_PLACE_TOO = ("relu", "expm1")
"""Those of these that torch also computes in place."""
_OF_WEIGHTS = {
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "tanh": "torch.tanh({0})",
    "positive": "torch.gt({0}, 0).to({0}.dtype)",
    "through_sigmoid": "{0} * {1} * (1 - {1})",
    "through_tanh": "{0} * (1 - {1} * {1})",
    "softplus": "softplus({0})",
    "logsigmoid": "logsigmoid({0})",
    "where": "torch.where({0} > 0, {1}, {2})",
}
"""Expressions for values of weights alone, where they are not a statement without its place."""


def statement(node: Node, names: list[str], out: str) -> str:
    """Computes a node into `out`, which may be the place of an operand; `names` are those of the operands."""
    match node.operation, node.operands:
        case "divide", (a, _) if a.is_number():
            times = "" if a.is_number(1) else f".mul_({names[0]})"
            return f"torch.reciprocal({names[1]}, out={out}){times}"
        case "divide", _:
            return f"torch.div({names[0]}, {names[1]}, out={out})"
        case "power", _:
            if node.of == 2:
                return f"torch.mul({names[0]}, {names[0]}, out={out})"
            return f"torch.pow({names[0]}, {plain(node.of)}, out={out})"  # type: ignore[arg-type]
        case "max" | "min" as function, (_, b):
            if b.is_number():
                bound = "min" if function == "max" else "max"
                return f"torch.clamp_{bound}({names[0]}, {names[1]}, out={out})"
            return f"torch.{function}imum({names[0]}, {names[1]}, out={out})"
        case "where", _:
            return _where(node, names, out)
        case "through_sigmoid", (d, _) if d.is_number():
            return f"torch.addcmul({names[1]}, {names[1]}, {names[1]}, value=-1, out={out})"
        case "through_tanh", (d, _) if d.is_number():
            return f"one_minus(torch.mul({names[1]}, {names[1]}, out={out}), out={out})"
        case "copy", (a,) if a.is_number():
            return f"{out}.fill_({names[0]})"
        case operation, _ if operation in _STATEMENTS or operation in FUNCTIONS:
            if names[0] == out and (operation not in _STATEMENTS or operation in _IN_PLACE_TOO):
                return f"{out}.{operation}_()"
            usual = f"torch.{operation}({{0}}, out={{out}})"
            return _STATEMENTS.get(operation, usual).format(*names, out=out)
        case operation, _:
            raise CannotCompile(f"There is no statement for the operation {operation} here.")


def _where(node: Node, names: list[str], out: str) -> str:
    (_, a, b), (q, at_a, at_b) = node.operands, names
    if a.is_number() and b.is_number():  # one of them is 0
        test, number = ("gt", a) if b.is_number(0) else ("le", b)
        times = "" if number.is_number(1) else f".mul_({plain(number.value)})"
        return f"torch.{test}({q}, 0, out={out}){times}"
    if b.is_number(0):
        return f"where_above({q}, {at_a}, out={out})"
    if a.is_number() or b.is_number():
        return f"{out}.copy_(torch.where({q} > 0, {at_a}, {at_b}))"
    return f"torch.where({q} > 0, {at_a}, {at_b}, out={out})"


def expression(node: Node, names: list[str]) -> str:
    """Computes a node of weights alone once more; `names` are those of the operands."""
    match node.operation:
        case "sum":
            terms = [
                name if times == 1 else f"{plain(times)} * {name}"
                for (times, _), name in zip(node.terms, names, strict=True)
            ]
            return " + ".join([*terms, *([plain(node.added)] if node.added else [])])
        case "where" if all(one.is_number() for one in node.operands[1:]):  # one of them is 0
            test, number = (">", names[1]) if node.operands[2].is_number(0) else ("<=", names[2])
            return f"({names[0]} {test} 0).to({names[0]}.dtype) * {number}"
        case operation if operation in _OF_WEIGHTS:
            return _OF_WEIGHTS[operation].format(*names)
    return statement(node, names, "").replace(", out=)", ")")
