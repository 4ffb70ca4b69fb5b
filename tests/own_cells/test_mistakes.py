"""All that a check can say: every sentence of `mistakes.md` is said, with a value for each of its places."""

import ast
from pathlib import Path
from string import Formatter

from rnn_core.own_cells import mistakes
from rnn_core.own_cells.mistakes import MISTAKES

FOLDER = Path(mistakes.__file__).parent
TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.py")]
NODES = [node for tree in TREES for node in ast.walk(tree)]
BESIDE = {"line", "yours", "ours", "at"}
"""Fields of a remark beside its sentence."""
MORE = {"shape", "wanted", "length"}
"""Values that a sentence may do without: shapes are said beside it, the length comes with a review."""
SENTENCES = {(code, name): one.text for code, of in MISTAKES.items() for name, one in of.sentences.items()}


def places(text):
    """The names in braces, also of those within others."""
    found = [(name, spec) for _, name, spec, _ in Formatter().parse(text) if name is not None]
    return {name for name, _ in found}.union(*(places(spec) for _, spec in found))


def choices(node):
    """The texts that an argument may be: a text, one or another, or `{..: text}.get(.., text)`."""
    if isinstance(node, ast.IfExp):
        return choices(node.body) + choices(node.orelse)
    if isinstance(node, ast.Call):
        return [text for one in (*node.func.value.values, node.args[1]) for text in choices(one)]
    assert isinstance(node, ast.Constant), ast.unparse(node)
    return [node.value]


def remarks():
    """The code, name and values of each remark that the source makes."""
    for node in NODES:
        name = getattr(node, "func", None) and getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "remark" and all(one.arg for one in node.keywords):
            code, *named = node.args
            values = {one.arg for one in node.keywords} - BESIDE
            if isinstance(node.func, ast.Attribute) and "review" in values:  # `Reading.remark` of a loop
                values.add("length")
            yield from ((c, n, values) for c in choices(code) for n in (choices(*named) if named else [""]))


def test_each_sentence_is_said_with_its_values():
    made = [*remarks()]
    asked = {one: places(text) for one, text in SENTENCES.items()}
    wrong = [(*one, values) for *one, values in made if not asked[*one] <= values <= asked[*one] | MORE]
    assert wrong == []
    assert SENTENCES.keys() == {one[:2] for one in made}


def test_each_code_is_explained_and_in_use():
    text = Path(mistakes.__file__).with_suffix(".md").read_text(encoding="utf-8")
    assert (text.count("\n## "), text.count("\n- ")) == (len(MISTAKES), len(SENTENCES))
    texts = {node.value for node in NODES if isinstance(node, ast.Constant)}
    assert [code for code, one in MISTAKES.items() if not one.explanation or code not in texts] == []
