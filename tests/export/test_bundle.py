"""The modules of the page as one script: what is understood, what is refused, and that it runs as they do."""

import re

import pytest

from rnn_core.errors import ExportError
from rnn_core.export.bundle import bundle
from tests.export.page.node import needs_node, node
from tests.refusals import refusals


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


def test_a_path_is_that_of_the_importing_module():
    modules = {
        "a/b/deep.js": 'import { x } from "../side.js"\nexport const y = x',
        "a/side.js": "export const x = 1",
        "main.js": 'import { y } from "./a/b/deep.js"\nexport const z = y',
    }
    named = re.findall("^// (.*)$", bundle("main.js", modules), re.MULTILINE)
    assert named == ["a/side.js", "a/b/deep.js", "main.js"]


def test_a_comment_may_speak_of_what_is_not_understood():
    assert "// import(x)" in bundle("main.js", of(main="// import(x)\n  // export default"))


NOT_UNDERSTOOD = (
    "export default 1",
    "export { a }",
    'export * from "./one.js"',
    "export let a = 1",
    "export const { a: c } = b",
    'import a from "./one.js"',
    'import * as a from "./one.js"',
    'import "./one.js"',
    'import { a } from "one"',
    'import { a } from "https://example.org/one.js"',
    "import { a } from './one.js'",
    '  import { a } from "./one.js"',
    'const a = await import("./one.js")',
    "const a = import.meta.url",
)


def bundled(**sources):
    return lambda: bundle("main.js", of(**sources))


test_modules_are_refused = refusals(
    ExportError,
    {
        line: (
            bundled(main=f"const b = 1\n{line}", one="export const a = 1"),
            "Line 2 of main.js can't be put into one script, ",
        )
        for line in NOT_UNDERSTOOD
    }
    | {
        "no such name": (
            bundled(main='import { b } from "./one.js"', one="export const a = 1"),
            "one.js does not export",
        ),
        "no such module": (
            bundled(main='import { b } from "./none.js"'),
            "no module 'none.js', which main.js",
        ),
        "outside": (bundled(main='import { b } from "../../html.js"'), "must stand in its folder"),
        "no name": (bundled(main='import { 1b } from "./one.js"', one=""), "'1b', which is no name"),
        "in a circle": (
            bundled(
                main='import { a } from "./one.js"\nexport const b = a',
                one='import { b } from "./main.js"\nexport const a = b',
            ),
            "import each other: main.js -> one.js -> main.js",
        ),
    },
)
