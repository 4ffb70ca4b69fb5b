"""No import runs up: none in a function, for a type checker alone, or by a name in a string or in data.

Pages and their rooms stand in no list: a page is known by its file, and its room by the same name.
"""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_NAME = re.compile(r"(?:rnn_core|pages)(?:\.\w+)+(?=[:\s\"']|$)")


def orders():
    """The rank of each module in each contract of layers, the highest 0."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    for contract in (one for one in contracts if one["type"] == "layers"):
        prefix = "".join(f"{one}." for one in contract.get("containers", []))
        yield {
            prefix + module.strip(): rank
            for rank, layer in enumerate(contract["layers"])
            for module in layer.split("|")
        }


def layer_of(module, order):
    """The module of a contract that this one is, or is in."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in order), None)


def named(text):
    """The modules that Python code imports, anywhere, or names in a string that is no docstring."""
    tree = ast.parse(text)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{one.name}" for one in names)
            case ast.Constant(value=str(value)) if id(node) not in documentation and _NAME.match(value):
                yield value.split(":")[0]


def running_up(module, others):
    """The pairs of layers, this module's and a higher one, that these names join."""
    found = set()
    for order in orders():
        mine = layer_of(module, order)
        for other in (layer_of(one, order) for one in others) if mine else ():
            if other and order[other] < order[mine]:
                found.add((mine, other))
    return found


def test_no_import_runs_up():
    for path in (*ROOT.glob("rnn_core/**/*.py"), *ROOT.glob("pages/**/*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        assert not running_up(module, [*named(path.read_text())]), path


def test_no_data_names_a_module_above_it():
    for path in (one for one in ROOT.glob("rnn_core/**/*") if one.suffix in {".toml", ".json", ".txt"}):
        module = ".".join(path.relative_to(ROOT).parent.parts)
        assert not running_up(module, _NAME.findall(path.read_text(errors="replace"))), path


BENEATH = {"write": ("read",)}
"""Page -> the rooms beneath its own: Write is Read with a pen."""


def strangers(module, others):
    """Imports of a module of the app that are neither of its page's own rooms nor shared by all."""
    page = module.removeprefix("pages.components.").removeprefix("pages.").split(".")[0]
    mine = {f"pages.components.{room}" for room in (page, *BENEATH.get(page, ()), "shared")}
    return [one for one in others if one.startswith("pages.") and ".".join(one.split(".")[:3]) not in mine]


def test_a_page_stands_on_its_own_room_alone():
    for path in ROOT.glob("pages/**/*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        assert not strangers(module, [*named(path.read_text())]), path


@pytest.mark.parametrize(
    ("module", "other"),
    [
        ("pages.read", "pages.components.train.forms"),
        ("pages.read", "pages.home"),
        ("pages.components.read.panels", "pages.components.train.forms"),
        ("pages.components.read.panels", "pages.components.write.desk"),
        ("pages.components.write.desk", "pages.components.train.forms"),
        ("pages.components.shared.address", "pages.components.read.panels"),
        ("pages.components.shared.address", "pages.read"),
    ],
)
def test_a_strange_room_is_found(module, other):
    assert strangers(module, [other, "pages.components.shared.format"]) == [other]


UP = {
    "at the top": "from rnn_core.training.trainer import Trainer",
    "of a package": "from rnn_core import training",
    "in a function": "def f():\n    import rnn_core.export.written",
    "for types alone": "if TYPE_CHECKING:\n    from rnn_core.inspection import trace",
    "by a string": 'import_module("rnn_core.training.trainer")',
    "in a table": 'HOMES = {"a": "rnn_core.sweeps.questions:QUESTIONS"}',
    "from a page": "def f():\n    from pages.components.shared import address",
}


@pytest.mark.parametrize("text", UP.values(), ids=UP)
def test_an_import_that_runs_up_is_found(text):
    assert running_up("rnn_core.models.model", [*named(text)])
    assert not running_up("pages.read", [*named(text)])


def test_a_docstring_may_name_what_it_likes():
    assert not {*named('"""See `rnn_core.sweeps`."""\nX = 1\n"""rnn_core.sweeps"""')}
