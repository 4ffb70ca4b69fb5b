"""Rooms: how many lines bear code in each, how dense they are, and what they may have."""

import ast
import io
import json
import re
import subprocess
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tokenize import COMMENT, DEDENT, ENDMARKER, INDENT, NEWLINE, NL, generate_tokens

DENSER = 1.1
"""The most tokens a line, as a multiple of those when its room's budget was set."""

TOKEN = re.compile(r"[\w$]+|[^\s\w$]")
"""A token of any language but Python: a word, a number or a sign."""

_COMMENTS = {
    **dict.fromkeys((".js", ".mjs"), re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)),
    ".css": re.compile(r"/\*.*?\*/", re.DOTALL),
    ".jinja": re.compile(r"\{#.*?#\}", re.DOTALL),
    ".html": re.compile(r"<!--.*?-->", re.DOTALL),
    ".toml": re.compile(r"^\s*#[^\n]*", re.MULTILINE),
}
_NO_CODE = {COMMENT, DEDENT, ENDMARKER, INDENT, NEWLINE, NL}
LANGUAGES = frozenset({".py", *_COMMENTS})

MADE = ("docs/try/", "tests/weight/budgets.toml")
"""Files that are made by a command: they are listed apart."""

DATA = {
    "corpora, grammar and probes": re.compile(r"rnn_core/data/.*\.(toml|csv|txt)"),
    "published results": re.compile(r"artifacts/results/.*\.(jsonl?|txt)"),
    "cards, settings and histories of shipped networks": re.compile(
        r"artifacts/pretrained/.*\.(md|json|txt)"
    ),
    "expected answers of tests": re.compile(r"tests/.*\.json"),
}
"""Tables of data, which have budgets of their own, in kB: what they hold isn't code."""


@dataclass(slots=True)
class Room:
    """Files and lines of a room, and the lines that its work tree adds and removes."""

    files: int = 0
    lines: int = 0
    tokens: int = 0
    added: int = 0
    removed: int = 0

    @property
    def density(self) -> float:
        return self.tokens / self.lines if self.lines else 0.0


@dataclass(frozen=True, slots=True)
class Budget:
    """The lines that a room may have, and its tokens a line when this was set.

    `reason` is the line of CHANGELOG.md that an increase is for.
    """

    lines: int
    density: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class House:
    """All rooms of a work tree, its tables of data in kB, and what is made by commands, in lines."""

    rooms: dict[str, Room] = field(default_factory=dict)
    data: dict[str, int] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)

    def together(self, *, of_tests: bool) -> tuple[int, int]:
        """Lines and files outside of the tests, or of them."""
        chosen = [room for name, room in self.rooms.items() if (name.split("/")[0] == "tests") == of_tests]
        return sum(room.lines for room in chosen), sum(room.files for room in chosen)


def files_of(root: Path) -> list[str]:
    """Returns the files of a work tree, named from its root, without those that git ignores."""
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, text=True)
    return sorted({file for file in listed.splitlines() if (root / file).is_file()})


def room_of(file: str) -> str:
    """Returns the room in which a file's lines count: a folder of rnn_core, pages/components or tests."""
    match Path(file).parts[:-1]:
        case ("pages", "components", room, *_):
            return f"pages/components/{room}"
        case ("rnn_core" | "tests" as top, room, *_):
            return f"{top}/{room}"
        case (top, *_):
            return top
    return "."


def code_of(path: Path, source: str) -> tuple[list[str], int]:
    """Returns the lines that bear code, and the number of tokens on them.

    These are lines that are neither blank nor a comment nor, in Python, a docstring.
    """
    if path.suffix != ".py":
        code = _COMMENTS[path.suffix].sub(lambda comment: "\n" * comment[0].count("\n"), source)
        return [line for line in code.splitlines() if line.strip()], len(TOKEN.findall(code))
    documented = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                documented.update(range(node.lineno, node.end_lineno + 1))
    tokens = [
        token
        for token in generate_tokens(io.StringIO(source).readline)
        if token.type not in _NO_CODE and token.start[0] not in documented
    ]
    numbers = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    lines = source.split("\n")
    return [lines[number - 1] for number in sorted(numbers - documented)], len(tokens)


def _kind_of_data(file: str) -> str | None:
    return next((kind for kind, pattern in DATA.items() if pattern.fullmatch(file)), None)


def _bears_code(file: str) -> bool:
    return Path(file).suffix in LANGUAGES and not file.startswith(MADE) and not _kind_of_data(file)


def weigh(root: Path, files: list[str]) -> House:
    """Weighs the files of a work tree, named from its root."""
    house = House(defaultdict(Room), dict.fromkeys(DATA, 0))
    for file in files:
        path = root / file
        if kind := _kind_of_data(file):
            house.data[kind] += path.stat().st_size
        elif path.suffix in LANGUAGES:
            lines, tokens = code_of(path, path.read_text(encoding="utf-8"))
            if file.startswith(MADE):
                house.made[file] = len(lines)
                continue
            room = house.rooms[room_of(file)]
            room.files += 1
            room.lines += len(lines)
            room.tokens += tokens
    house.data.update({kind: round(size / 1_000) for kind, size in house.data.items()})
    return house


def compare(root: Path, house: House, base: str) -> None:
    """Counts the lines that the work tree adds to each room and removes from it, against a commit."""
    changed = ["git", "diff", "--name-only", "--no-renames", "-z", base, "--"]
    for file in subprocess.check_output(changed, cwd=root, text=True).split("\0"):
        if not _bears_code(file):
            continue
        before = subprocess.run(["git", "show", f"{base}:{file}"], cwd=root, capture_output=True, check=False)
        now = (root / file).read_text(encoding="utf-8") if (root / file).exists() else ""
        old, new = (Counter(code_of(Path(file), source)[0]) for source in (before.stdout.decode(), now))
        room = house.rooms.setdefault(room_of(file), Room())
        room.added += (new - old).total()
        room.removed += (old - new).total()


def read_budgets(path: Path) -> tuple[dict[str, Budget], dict[str, int]]:
    """Reads the budgets of rooms, in lines, and of tables of data, in kB."""
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Budget(**budget) for name, budget in said["rooms"].items()}, said["data"]


def lowered(house: House, budgets: dict[str, Budget], data: dict[str, int]) -> str:
    """Returns the file of budgets with each lowered to what stands; none is raised.

    A room that is gone loses its budget. One that is new gets none here: it is written by hand, with the line
    of CHANGELOG.md that it is for.
    """
    rows = ["# Lines that bear code and tokens a line, by room. `make weight-lower` writes this.", "[rooms]"]
    for name, budget in sorted(budgets.items()):
        if room := house.rooms.get(name):
            lines, density = min(budget.lines, room.lines), min(budget.density, round(room.density, 2))
            reason = f", reason = {json.dumps(budget.reason)}" if budget.reason else ""
            rows.append(f'"{name}" = {{ lines = {lines}, density = {density}{reason} }}')
    rows += ["", "# kB", "[data]"]
    rows += [f'"{kind}" = {min(most, house.data[kind])}' for kind, most in data.items()]
    return "\n".join(rows) + "\n"


def too_heavy(house: House, budgets: dict[str, Budget], data: dict[str, int], changelog: str) -> list[str]:
    """Returns a sentence for each room and table that has more than its budget."""
    said = []
    for name, room in sorted(house.rooms.items()):
        budget = budgets.get(name)
        if budget is None:
            said.append(
                f"{name} has no budget: give it one in tests/weight/budgets.toml, with the line of "
                "CHANGELOG.md that it is for as its reason."
            )
            continue
        if room.lines > budget.lines:
            said.append(
                f"{name} has {room.lines:,} lines that bear code, {room.lines - budget.lines:,} over its "
                f"budget of {budget.lines:,}: remove lines, or move budget from another room."
            )
        if room.density > DENSER * budget.density:
            said.append(
                f"{name} has {room.density:.2f} tokens a line, over 10 % more than the {budget.density:.2f} "
                "when its budget was set: lines are saved by saying less, not by squeezing."
            )
        if budget.reason and budget.reason not in changelog:
            said.append(f"{name}: its budget's reason is no line of CHANGELOG.md: {budget.reason!r}.")
    for kind, size in house.data.items():
        if size > data.get(kind, 0):
            said.append(f"{kind}: {size:,} kB, over the budget of {data.get(kind, 0):,} kB.")
    return said
