"""The JavaScript of the page by itself: its own tests, what it may not do, and its modules as one script."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnn_core.errors import ExportError
from rnn_core.export.bundle import PAGE, bundle
from tests.export.page.node import needs_node, node

TESTS = Path(__file__).parent
PROJECT = TESTS.parents[2]
OXLINT = shutil.which("oxlint", path=Path(sys.executable).parent)
MODULES = sorted(PAGE.rglob("*.js"))
_EXPORTED = re.compile(r"^export (?:const|class|(?:async )?function\*?) +\{?([\w, ]+)", re.MULTILINE)
_IMPORTED = re.compile(r"^import\s*\{([^}]*)\}", re.MULTILINE)
_ENTRY = {"main.js": {"start"}, "cells": {"cell"}, "readouts": {"readout"}, "answers": {"answer"}}
"""Names that the page's first module imports, by file or folder."""


@needs_node
def test_the_tests_in_javascript_pass():
    node("--test", *sorted(TESTS.glob("*.test.js")))


@pytest.mark.browser
def test_they_pass_in_a_browser_too(module_page):
    files = [path.relative_to(PROJECT).as_posix() for path in sorted(TESTS.glob("*.test.js"))]
    counted = sum((PROJECT / file).read_text("utf-8").count("\ntest(") for file in files)
    outcome = module_page.evaluate(
        """async (files) => {
          for (const file of files) await import(`/${file}`)
          return (await import("node:test")).outcome()
        }""",
        files,
    )
    assert outcome == {"count": counted, "failed": []}


@needs_node
def test_every_module_can_be_part_of_a_script(tmp_path):
    script = tmp_path / "all.js"
    script.write_text("\n".join(bundle(path.relative_to(PAGE).as_posix()) for path in MODULES), "utf-8")
    node("--check", script)


def test_whatever_is_exported_is_imported():
    used = {
        name.split(" as ")[0].strip()
        for path in (*MODULES, *TESTS.rglob("*.js"), *TESTS.rglob("*.mjs"), *TESTS.glob("*.py"))
        for names in _IMPORTED.findall(path.read_text("utf-8"))
        for name in names.split(",")
    }
    for path in MODULES:
        inside = path.relative_to(PAGE)
        by_entry = _ENTRY.get(inside.as_posix(), set()) | _ENTRY.get(inside.parts[0], set())
        exported = re.findall(r"\w+", " ".join(_EXPORTED.findall(path.read_text("utf-8"))))
        left_over = {*exported} - used - by_entry
        assert not left_over, f"{inside} exports what nobody imports: {', '.join(sorted(left_over))}"


def test_the_app_imports_what_modules_export():
    """oxlint reads the modules of the page alone; a name that isn't there would be undefined."""
    imports = re.compile(r'^import\s*\{([^}]*)\} from "\./([^"]+)"', re.MULTILINE)
    found = [
        (*pair, script.name)
        for script in PROJECT.glob("pages/**/*.js")
        for pair in imports.findall(script.read_text("utf-8"))
    ]
    assert len(found) >= 4
    for names, module, script in found:
        exported = re.findall(r"\w+", " ".join(_EXPORTED.findall((PAGE / module).read_text("utf-8"))))
        assert {name.strip() for name in names.split(",")} <= {*exported}, script


BAD = {
    "el.innerHTML = text": "no-restricted-properties",
    'el.insertAdjacentHTML("beforeend", text)': "no-restricted-properties",
    "document.write(text)": "no-restricted-properties",
    "eval(text)": "no-eval",
    "new Function(text)()": "no-new-func",
    'fetch("data.json")': "no-restricted-globals",
    'window.fetch("data.json")': "no-restricted-properties",
    "new XMLHttpRequest()": "no-restricted-globals",
    "navigator.sendBeacon(text)": "no-restricted-properties",
    "const left = text": "no-unused-vars",
    "unknown()": "no-undef",
}


@pytest.mark.skipif(OXLINT is None, reason="needs oxlint (requirements-dev.txt)")
def test_the_linter_refuses_what_a_page_may_not_do(tmp_path):
    for number, line in enumerate(BAD):
        source = f"export function show(el, text) {{\n  {line}\n  return [el, text]\n}}\n"
        (tmp_path / f"{number}.js").write_text(source)
    done = subprocess.run(
        [OXLINT, "--config", PROJECT / ".oxlintrc.json", "--format", "unix", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    found = re.findall(r"(\d+)\.js:\d+.*\b(?:eslint|import)\(([\w-]+)\)", done.stdout)
    assert {(number, rule) for number, rule in found} >= {
        (str(number), rule) for number, rule in enumerate(BAD.values())
    }, done.stdout


def test_no_style_stands_in_markup():
    """The policy of the page would refuse it."""
    styled = re.compile(r"""\bstyle\s*=\s*["'`]|setAttribute\(\s*["'`](?:style|on\w+)""")
    assert not [path for path in (*MODULES, *PAGE.rglob("*.html")) if styled.search(path.read_text("utf-8"))]


def of(**sources):
    """Modules by name without their ending."""
    return {f"{name}.js": source for name, source in sources.items()}


RUNS = {
    "names of a module are its own": (
        of(
            one='const hidden = "one"\nexport const said = hidden\n'
            "export function twice(x) {\n  return x + x\n}",
            two='import { said as first, twice } from "./one.js"\nconst hidden = "two"\nexport class Both {\n'
            "  text = twice(first) + hidden\n}",
            main='import {\n  Both,\n} from "./two.js"\nimport { said } from "./one.js"\n'
            "console.log(new Both().text, said, typeof hidden)",
        ),
        "oneonetwo one undefined",
    ),
    "a module that two import runs once, before them": (
        of(
            base='console.log("base")\nexport const a = 1',
            left='import { a } from "./base.js"\nconsole.log("left")\nexport const b = a',
            right='import { a } from "./base.js"\nconsole.log("right")\nexport const c = a',
            main='import { b } from "./left.js"\nimport { c } from "./right.js"\nconsole.log(b + c)',
        ),
        "base left right 2",
    ),
    "constants of an object, generators and asynchronous functions are exported": (
        of(
            one="export const { max, min } = Math\nexport function* count() {\n  yield 1\n}\n"
            "export async function later() {}",
            main='import { count, later, max } from "./one.js"\n'
            "console.log(max(1, 2), ...count(), later() instanceof Promise)",
        ),
        "2 1 true",
    ),
}


@needs_node
@pytest.mark.parametrize(("modules", "printed"), RUNS.values(), ids=RUNS)
def test_a_script_runs_as_its_modules_do(modules, printed):
    assert " ".join(node("-", given=bundle("main.js", modules)).split()) == printed
    assert bundle("main.js", modules) == bundle("main.js", modules)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PAGE).as_posix())
def test_a_script_imports_and_exports_nothing(path):
    """A module that does it in another way than the builder knows would leave it there."""
    script = bundle(path.relative_to(PAGE).as_posix())
    assert not re.findall(r"^\s*(?:import|export)\b.*|\bimport[(.].*", script, re.MULTILINE)


def test_a_module_that_is_missing_is_named():
    with pytest.raises(ExportError, match="no module"):
        bundle("main.js", of(main='import { b } from "./none.js"'))
