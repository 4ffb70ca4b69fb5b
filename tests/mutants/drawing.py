"""Faults for a source: a sign, an index, a bound, a condition, a missing line, a swapped argument."""

import ast
import random
import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, pairwise
from pathlib import Path

ARITHMETIC = {ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*")}
ORDER = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")}
EQUALITY = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
IDENTITY = {ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is")}
LOGIC = {ast.And: ("and", "or"), ast.Or: ("or", "and")}

IN_JAVASCRIPT = [
    ("sign", r"(?<= )\+(?= )", "-"),
    ("sign", r"(?<= )-(?= )", "+"),
    ("sign", r"(?<= )\*(?= )", "/"),
    ("index", r"(?<=\[)0(?=\])", "1"),
    ("index", r"(?<=\[)1(?=\])", "2"),
    ("bound", r"(?<= )<(?= )", "<="),
    ("bound", r"(?<= )>(?= )", ">="),
    ("bound", r"(?<= )<=(?= )", "<"),
    ("bound", r"(?<= )>=(?= )", ">"),
    ("condition", r"===", "!=="),
    ("condition", r"!==", "==="),
    ("condition", r"&&", "||"),
    ("condition", r"\|\|", "&&"),
    ("missing line", r"^(?!const |let |return )[\w.$]+(?: [-+*/]?= .*|\(.*\));?$", ";"),
    ("missing line", r"^return .*[^;,{(\[];?$", ";"),
    ("swapped argument", r"(?<=\w\()([\w.]+), ([\w.]+)(?=[,)])", r"\2, \1"),
]


@dataclass(frozen=True)
class Fault:
    """One change of a file: the text from `start` to `end`, in characters, becomes `text`.

    `lines` are those of its statement; `runs_at_import` is true outside of all functions.
    """

    path: Path
    line: int
    kind: str
    start: int
    end: int
    text: str
    lines: tuple[int, int]
    runs_at_import: bool = False

    def put_into(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.kind} {self.start}-{self.end} {self.text!r}"


def faults_of(path: Path, source: str) -> list[Fault]:
    """All faults of a Python or JavaScript source."""
    return list(_of_javascript(path, source)) if path.suffix == ".js" else _OfPython(path, source).found()


def draw(sources: dict[Path, str], count: int, seed: int) -> list[Fault]:
    """Draws as many faults of each kind, each on a line of its own, among all lines that can have one.

    Only what does not parse is drawn again.
    """
    by_kind: dict[str, dict[tuple[Path, int], list[Fault]]] = {}
    for path, source in sorted(sources.items()):
        for fault in faults_of(path, source):
            by_kind.setdefault(fault.kind, {}).setdefault((path, fault.line), []).append(fault)
    chance = random.Random(seed)
    lines = {kind: chance.sample(sorted(of_kind), len(of_kind)) for kind, of_kind in sorted(by_kind.items())}
    drawn: dict[tuple[Path, int], Fault] = {}
    kinds = cycle(lines)
    while len(drawn) < count:
        kind = next(kinds)
        for place in iter(lines[kind].pop, None):
            fault = chance.choice(by_kind[kind][place])
            if place not in drawn and _parses(fault, sources[fault.path]):
                drawn[place] = fault
                break
    return [*drawn.values()]


def _parses(fault: Fault, source: str) -> bool:
    with suppress(SyntaxError):
        return fault.path.suffix != ".py" or bool(ast.parse(fault.put_into(source)))
    return False


def _of_javascript(path: Path, source: str):
    start, lines = 0, source.splitlines(keepends=True)
    for number, (line, after) in enumerate(zip(lines, [*lines[1:], ""], strict=True), 1):
        code = line.strip()
        begin = start + line.find(code)
        start += len(line)
        if code.startswith(("//", "*", "/*", "import", "export {")):
            continue
        for kind, pattern, text in IN_JAVASCRIPT:
            for match in re.finditer(pattern, code):
                goes_on = kind == "missing line" and re.match(r"\s*[.?:+*/&|=-]", after)
                if _is_code(code[: match.start()]) and _is_closed(match[0]) and not goes_on:
                    place = begin + match.start(), begin + match.end()
                    yield Fault(path, number, kind, *place, match.expand(text), (number, number))


def _is_code(before: str) -> bool:
    """True where no string or comment is open after this part of a line."""
    return "//" not in before and all(before.count(quote) % 2 == 0 for quote in "\"'`")


def _is_closed(text: str) -> bool:
    return all(text.count(left) == text.count(right) for left, right in ("()", "[]", "{}"))


def _can_be_missing(node) -> bool:
    """True for a statement that defines no name: a missing name is found by any test that comes near."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom)
    if isinstance(node, ast.Assign):
        return not isinstance(node.targets[0], ast.Name | ast.Tuple)
    return isinstance(node, ast.Raise | ast.Return | ast.AugAssign | ast.Continue | ast.Break)


class _OfPython(ast.NodeVisitor):
    def __init__(self, path: Path, source: str) -> None:
        self.path, self.source, self.faults = path, source, []
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.rows = source.splitlines()
        self.statement, self.depth = None, 0

    def found(self) -> list[Fault]:
        self.visit(ast.parse(self.source))
        return self.faults

    def at(self, line: int, column: int) -> int:
        """Index of a character; `ast` counts columns in bytes."""
        return self.starts[line - 1] + len(self.rows[line - 1].encode()[:column].decode())

    def start(self, node) -> int:
        return self.at(node.lineno, node.col_offset)

    def end(self, node) -> int:
        return self.at(node.end_lineno, node.end_col_offset)

    def text(self, node) -> str:
        return self.source[self.start(node) : self.end(node)]

    def add(self, kind: str, node, start: int, end: int, text: str) -> None:
        line = self.source.count("\n", 0, start) + 1
        lines = (self.statement.lineno, max(line, node.lineno))
        self.faults.append(Fault(self.path, line, kind, start, end, text, lines, self.depth == 0))

    def instead_of(self, kind: str, node, text: str) -> None:
        self.add(kind, node, self.start(node), self.end(node), text)

    def operator(self, kind: str, node, left, right, words: tuple[str, str]) -> None:
        """An operator between two operands."""
        old, new = words
        begin = self.end(left)
        between = self.source[begin : self.start(right)]
        if match := re.search(rf"(?<![\w*/<>=!]){re.escape(old)}(?![\w*/=])", between):
            self.add(kind, node, begin + match.start(), begin + match.end(), new)

    def visit(self, node) -> None:
        if not isinstance(node, ast.stmt):
            super().visit(node)
            return
        outer, self.statement = self.statement, node
        if _can_be_missing(node):
            self.instead_of("missing line", node, "pass")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
                self.visit(part)
            self.depth += 1
            for part in node.body:
                self.visit(part)
            self.depth -= 1
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.visit(node.value)
        elif not (isinstance(node, ast.If) and "TYPE_CHECKING" in self.text(node.test)):
            super().visit(node)
        self.statement = outer

    def condition(self, test) -> None:
        self.instead_of("condition", test, f"(not ({self.text(test)}))")

    def visit_If(self, node) -> None:
        self.condition(node.test)
        self.generic_visit(node)

    visit_While = visit_IfExp = visit_If  # noqa: N815

    def visit_comprehension(self, node) -> None:
        for test in node.ifs:
            self.condition(test)
        self.generic_visit(node)

    def visit_BinOp(self, node) -> None:
        if words := ARITHMETIC.get(type(node.op)):
            self.operator("sign", node, node.left, node.right, words)
        self.generic_visit(node)

    def visit_UnaryOp(self, node) -> None:
        if isinstance(node.op, ast.USub):
            self.instead_of("sign", node, self.text(node.operand))
        elif isinstance(node.op, ast.Not):
            self.instead_of("condition", node, f"bool({self.text(node.operand)})")
        self.generic_visit(node)

    def visit_Compare(self, node) -> None:
        for (left, right), op in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
            if words := ORDER.get(type(op)):
                self.operator("bound", node, left, right, words)
            elif words := EQUALITY.get(type(op)) or IDENTITY.get(type(op)):
                self.operator("condition", node, left, right, words)
        self.generic_visit(node)

    def visit_BoolOp(self, node) -> None:
        for left, right in pairwise(node.values):
            self.operator("condition", node, left, right, LOGIC[type(node.op)])
        self.generic_visit(node)

    def visit_Subscript(self, node) -> None:
        for part in ast.walk(node.slice):
            if isinstance(part, ast.Constant) and type(part.value) is int:
                self.instead_of("index", part, str(part.value + 1))
        self.visit(node.value)

    def visit_Constant(self, node) -> None:
        if type(node.value) in (int, float):
            self.instead_of("bound", node, str(node.value + 1))

    def visit_JoinedStr(self, node) -> None:
        """Leaves the parts of a sentence alone: Python 3.11 doesn't say where in it they stand."""

    def visit_Call(self, node) -> None:
        for one, other in pairwise(node.args):
            if self.text(one) != self.text(other) and not {type(one), type(other)} & {ast.Starred}:
                swapped = self.text(other) + self.source[self.end(one) : self.start(other)] + self.text(one)
                self.add("swapped argument", node, self.start(one), self.end(other), swapped)
        self.generic_visit(node)
