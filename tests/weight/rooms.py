"""Rooms: how many lines bear code in each, how dense they are, and what they may have."""

import json
import re
import subprocess
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from tests.weight.counting import LANGUAGES, code_of

DENSER = 1.1
"""How many times as many tokens a line may have as when its room's budget was set."""

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


def weigh(root: Path, files: list[str]) -> House:
    """Weighs the files of a work tree, named from its root."""
    rooms: defaultdict[str, Room] = defaultdict(Room)
    house = House(rooms, dict.fromkeys(DATA, 0))
    for file in files:
        path = root / file
        kind = next((kind for kind, pattern in DATA.items() if pattern.fullmatch(file)), None)
        if kind is not None:
            house.data[kind] += path.stat().st_size
        elif path.suffix in LANGUAGES:
            lines, tokens = code_of(path, path.read_text(encoding="utf-8"))
            if file.startswith(MADE):
                house.made[file] = len(lines)
                continue
            room = rooms[room_of(file)]
            room.files, room.lines, room.tokens = (
                room.files + 1,
                room.lines + len(lines),
                room.tokens + tokens,
            )
    for kind, size in house.data.items():
        house.data[kind] = round(size / 1_000)
    return house


def compare(root: Path, house: House, base: str) -> None:
    """Counts the lines that the work tree adds to each room and removes from it, against a commit."""
    listed = subprocess.check_output(
        ["git", "diff", "--unified=0", "--no-renames", "--no-prefix", "--no-color", base, "--"],
        cwd=root,
        text=True,
        errors="replace",
    )
    for part in re.split(r"^diff --git ", listed, flags=re.MULTILINE)[1:]:
        file = re.match(r"(\S+) ", part)[1]
        if Path(file).suffix not in LANGUAGES or file.startswith(MADE):
            continue
        if any(pattern.fullmatch(file) for pattern in DATA.values()):
            continue
        before = subprocess.run(["git", "show", f"{base}:{file}"], cwd=root, capture_output=True, check=False)
        old = code_of(Path(file), before.stdout.decode())[0] if before.returncode == 0 else set()
        now = (root / file).read_text(encoding="utf-8") if (root / file).exists() else ""
        new = code_of(Path(file), now)[0]
        room = house.rooms.setdefault(room_of(file), Room())
        for removed, added in re.findall(r"^@@ -(\S+) \+(\S+) @@", part, flags=re.MULTILINE):
            room.removed += len(old & _span(removed))
            room.added += len(new & _span(added))


def _span(hunk: str) -> set[int]:
    first, _, count = hunk.partition(",")
    return set(range(int(first), int(first) + int(count or 1)))


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
