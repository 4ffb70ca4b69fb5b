"""The modules of the page as one script: what is understood, what is refused, and that it runs as they do."""

import re
import subprocess

import pytest

from rnn_core.errors import ExportError
from rnn_core.export.bundle import PAGE, bundle
from tests.export.page.node import needs_node


def of(**sources):
    """Modules by name without their ending."""
    return {f"{name}.js": source for name, source in sources.items()}


def run(script):
    """What a script prints."""
    done = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


@needs_node
def test_names_of_a_module_are_its_own_and_it_sees_what_it_imports_under_the_name_it_chose():
    modules = of(
        one='const hidden = "one"\nexport const said = hidden\nexport function twice(x) {\n  return x + x\n}',
        two='import { said as first, twice } from "./one.js"\nconst hidden = "two"\nexport class Both {\n'
        "  text = twice(first) + hidden\n}",
        main='import {\n  Both,\n} from "./two.js"\nimport { said } from "./one.js"\n'
        "console.log(new Both().text, said, typeof hidden)",
    )
    assert run(bundle("main.js", modules)) == "oneonetwo one undefined\n"


@needs_node
def test_a_module_that_two_import_runs_once_and_before_them():
    modules = of(
        base='console.log("base")\nexport const a = 1',
        left='import { a } from "./base.js"\nconsole.log("left")\nexport const b = a',
        right='import { a } from "./base.js"\nconsole.log("right")\nexport const c = a',
        main='import { b } from "./left.js"\nimport { c } from "./right.js"\nconsole.log(b + c)',
    )
    assert run(bundle("main.js", modules)).split() == ["base", "left", "right", "2"]


@needs_node
def test_several_constants_that_are_taken_out_of_an_object_are_exported():
    modules = of(
        one="export const { max, min } = Math", main='import { max } from "./one.js"\nconsole.log(max(1, 2))'
    )
    assert run(bundle("main.js", modules)) == "2\n"


@needs_node
def test_generators_and_asynchronous_functions_are_exported():
    modules = of(
        one="export function* count() {\n  yield 1\n}\nexport async function later() {}",
        main='import { count, later } from "./one.js"\nconsole.log([...count()], later() instanceof Promise)',
    )
    assert run(bundle("main.js", modules)) == "[ 1 ] true\n"


def test_a_path_is_that_of_the_importing_module():
    modules = {
        "a/b/deep.js": 'import { x } from "../side.js"\nexport const y = x',
        "a/side.js": "export const x = 1",
        "main.js": 'import { y } from "./a/b/deep.js"\nexport const z = y',
    }
    assert re.findall("^// (.*)$", bundle("main.js", modules), re.MULTILINE) == [
        "a/side.js",
        "a/b/deep.js",
        "main.js",
    ]


def test_the_same_modules_make_the_same_script():
    modules = of(one="export const a = 1", main='import { a } from "./one.js"\na')
    assert bundle("main.js", modules) == bundle("main.js", modules)


@pytest.mark.parametrize(
    "line",
    [
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
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(line):
    with pytest.raises(ExportError, match=r"^Line 2 of main\.js can't be put into one script, "):
        bundle("main.js", of(main=f"const b = 1\n{line}", one="export const a = 1"))


def test_a_comment_may_speak_of_what_is_not_understood():
    assert "// import(x)" in bundle("main.js", of(main="// import(x)\n  // export default"))


@pytest.mark.parametrize(
    ("sources", "why"),
    [
        ({"main": 'import { b } from "./one.js"', "one": "export const a = 1"}, "one.js does not export"),
        ({"main": 'import { b } from "./none.js"'}, "no module 'none.js', which main.js imports"),
        ({"main": 'import { b } from "../../html.js"'}, "must stand in its folder"),
        ({"main": 'import { 1b } from "./one.js"', "one": ""}, "'1b', which is no name"),
        (
            {
                "main": 'import { a } from "./one.js"\nexport const b = a',
                "one": 'import { b } from "./main.js"\nexport const a = b',
            },
            r"import each other: main.js -> one.js -> main.js",
        ),
    ],
)
def test_modules_that_do_not_fit_are_refused(sources, why):
    with pytest.raises(ExportError, match=why):
        bundle("main.js", of(**sources))


def test_every_module_of_the_page_can_be_put_into_a_script():
    paths = [path.relative_to(PAGE).as_posix() for path in PAGE.rglob("*.js")]
    assert paths
    for path in paths:
        assert f"// {path}\n" in bundle(path)
