"""The scale: `make weight` prints what each room weighs, `make weight-lower` lowers the budgets to it."""

import argparse
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.weight.rooms import Budget, House, compare, files_of, lowered, read_budgets, too_heavy, weigh

ROOT = Path(__file__).parents[2]
BUDGETS = Path(__file__).parent / "budgets.toml"


def main() -> int:
    """Weigh the work tree."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--against", default="main", help="commit with which the work tree is compared")
    parser.add_argument("--check", action="store_true", help="say only what is over its budget")
    parser.add_argument("--lower", action="store_true", help="lower the budgets to what stands")
    given = parser.parse_args()
    house = weigh(ROOT, files_of(ROOT))
    budgets, data = read_budgets(BUDGETS)
    if given.lower:
        BUDGETS.write_text(lowered(house, budgets, data), encoding="utf-8")
    elif not given.check:
        with suppress(subprocess.CalledProcessError):  # git says itself that it knows no such commit
            compare(ROOT, house, given.against)
        _print(house, budgets, data, given.against)
    said = too_heavy(house, budgets, data, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    print(*said, sep="\n", end="\n" if said else "")
    return 1 if said else 0


def _print(house: House, budgets: dict[str, Budget], data: dict[str, int], base: str) -> None:
    print(f"{'lines':>7} {'budget':>7} {'files':>5} {'tokens a line':>13}   against {base}")
    for name, room in sorted(house.rooms.items(), key=lambda item: -item[1].lines):
        most = f"{budgets[name].lines:,}" if name in budgets else "none"
        changed = f"+{room.added} -{room.removed}" if room.added or room.removed else ""
        print(f"{room.lines:7,} {most:>7} {room.files:5} {room.density:13.2f}   {changed:14} {name}")
    for words, of_tests in (("outside tests", False), ("tests", True)):
        lines, count = house.together(of_tests=of_tests)
        print(f"{lines:7,} lines that bear code in {count} files {words}")
    print("\nTables of data, in kB (budget)")
    for kind, size in house.data.items():
        print(f"{size:7,} {f'({data.get(kind, 0):,})':>8}   {kind}")
    print("\nMade by a command, in lines")
    for file, lines in house.made.items():
        print(f"{lines:7,}   {file}")


if __name__ == "__main__":
    sys.exit(main())
