"""The scale: what counts as a line that bears code, and what is said of a room over its budget."""

import subprocess
from pathlib import Path

import pytest

from tests.weight import rooms
from tests.weight.rooms import Budget, House, Room

PYTHON = '''"""What it is for."""

# why
def twice(x):  # of x
    """Return it."""

    return (
        2 * x
    )
'''


CODE = {
    "a.py": (PYTHON, [4, 7, 8, 9], 12),
    "a.js": ("/* so\n\n */\n// why\nlet a_1 = 2;\n", [5], 5),
    "a.css": ("p {\n  /* why */\n  top: 0;\n}\n", [1, 3, 4], 7),
    "a.jinja": ("{# why #}\n{{ x }}\n", [2], 5),
    "a.html": ("<!-- why\n-->\n<p>\n", [3], 3),
    "a.toml": ("# why\n\n[a]\nb = 1\n", [3, 4], 6),
}


@pytest.mark.parametrize("name", CODE)
def test_blanks_comments_docstrings_dont_count(name):
    source, numbers, tokens = CODE[name]
    lines = source.split("\n")
    assert rooms.code_of(Path(name), source) == ([lines[number - 1] for number in numbers], tokens)


ROOMS = {
    "rnn_core/data/own/rows.py": "rnn_core/data",
    "rnn_core/machine.py": "rnn_core",
    "pages/components/data/own/choice.py": "pages/components/data",
    "pages/components/__init__.py": "pages",
    "tests/export/page/view.test.js": "tests/export",
    "app.py": ".",
}


def test_rooms_within_a_room_count_to_it():
    assert {file: rooms.room_of(file) for file in ROOMS} == ROOMS


def test_a_work_tree_is_weighed_and_compared(tmp_path):
    """Its room `rnn_core/nn` had two lines when it was committed, and has three."""
    words, cell = tmp_path / "rnn_core/data/words.csv", tmp_path / "rnn_core/nn/cell.py"
    for file, content in ((words, "good\n" * 400), (cell, "a = 1\nb = 2\n")):
        file.parent.mkdir(parents=True)
        file.write_text(content)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@b.c"]
    for asked in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "A cell"]):
        subprocess.run([*git, *asked], check=True)
    cell.write_text("# why\na = 1\nc = (1, 2, 3)\n\nd = 4\n")
    house = rooms.weigh(tmp_path, ["rnn_core/nn/cell.py", "rnn_core/data/words.csv"])
    rooms.compare(tmp_path, house, "HEAD")
    assert house.rooms == {"rnn_core/nn": Room(files=1, lines=3, tokens=15, added=2, removed=1)}
    assert house.data["corpora, grammar and probes"] == 2
    assert house.together(of_tests=False) == (3, 1)


HOUSE = House({"rnn_core/nn": Room(files=2, lines=1_100, tokens=11_000)}, {"probes": 5})
OVER = {
    "within": ((1_100, 10.0), 5, ""),
    "lines": ((1_000, 10.0), 5, "1,100 lines that bear code, 100 over its budget"),
    "density": ((1_100, 9.0), 5, "10.00 tokens a line, over 10 % more than the 9.00"),
    "no budget": ((), 5, "rnn_core/nn has no budget"),
    "a reason": ((1_100, 10.0, "A new cell"), 5, ""),
    "no such reason": ((1_100, 10.0, "A new page"), 5, "no line of CHANGELOG.md: 'A new page'"),
    "data": ((1_100, 10.0), 4, "probes: 5 kB, over the budget of 4 kB"),
}


@pytest.mark.parametrize(("budget", "probes", "said"), OVER.values(), ids=OVER)
def test_a_room_over_its_budget_is_named(budget, probes, said):
    budgets = {"rnn_core/nn": Budget(*budget)} if budget else {}
    found = rooms.too_heavy(HOUSE, budgets, {"probes": probes}, "- A new cell\n")
    assert len(found) == bool(said)
    assert said in "".join(found)


def test_lowering_never_raises_a_budget(tmp_path):
    budgets = {"rnn_core/nn": Budget(1_200, 9.5, 'A "cell"'), "gone": Budget(1, 1.0)}
    file = tmp_path / "budgets.toml"
    file.write_text(rooms.lowered(HOUSE, budgets, {"probes": 9}))
    assert rooms.read_budgets(file) == ({"rnn_core/nn": Budget(1_100, 9.5, 'A "cell"')}, {"probes": 5})
    file.write_text(rooms.lowered(HOUSE, {"rnn_core/nn": Budget(1_000, 11.0)}, {"probes": 4}))
    assert rooms.read_budgets(file) == ({"rnn_core/nn": Budget(1_000, 10.0)}, {"probes": 4})
