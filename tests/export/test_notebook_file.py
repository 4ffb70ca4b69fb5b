"""A network as a notebook explains itself, says what Gatescope says, and draws its gates."""

import ast
import json
import linecache
import re

import nbformat
import numpy as np
import plotly.graph_objects as go
import pytest
from nbclient import NotebookClient

from rnn_core.export.written import MODEL_FORMATS
from rnn_core.inspection.trace import trace
from rnn_core.progress import finish
from rnn_core.text.vocabulary import SPECIAL_TOKENS
from tests.export.made import HOSTILE, halved, pretrained, small_model

HOSTILE_NAME = "# `x` [a](b) <img src=x onerror=alert(1)> $y$ | **z** \n```python\nprint(1)\n```"


@pytest.fixture(autouse=True)
def measured_on_few_texts(monkeypatch):
    monkeypatch.setattr("rnn_core.export.stored.TEXTS", 20)


def exported(model):
    return finish(MODEL_FORMATS["notebook"].export([model]))


def notebook_of(model):
    """The notebook of a model, which is a valid one."""
    notebook = nbformat.reads(exported(model).files[""].decode(), as_version=4)
    nbformat.validate(notebook)
    return notebook


def run_cell(code, names):
    """Runs a cell; returns the value of its last expression, which a notebook shows. Its lines are known."""
    *lines, last = ast.parse(code).body
    cell = f"<cell {hash(code)}>"
    linecache.cache[cell] = len(code), None, code.splitlines(keepends=True), cell
    if not isinstance(last, ast.Expr):
        return exec(compile(code, cell, "exec"), names)
    exec(compile(ast.Module(lines, []), cell, "exec"), names)
    return eval(compile(ast.Expression(last.value), cell, "eval"), names)


def run_here(notebook):
    """Run the code of a notebook; return the names it leaves, and the figures that its cells end with."""
    names = {}
    values = [run_cell(cell.source, names) for cell in notebook.cells if cell.cell_type == "code"]
    return names, [value for value in values if isinstance(value, go.Figure)]


def assert_equal(ours, theirs):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-5, atol=1e-5)


def assert_says_the_same(model, names, figures):
    """The verdict along the example, and each gate's mean, are those of Gatescope."""
    read = trace(model, names["TEXT"])
    assert_equal([*names["probabilities"].values()], read.probabilities_of_classes[-1])
    assert_equal(names["after"], read.probabilities_of_classes)
    for letter, values in names["network"].steps.items():
        assert_equal(values, read.arrays[letter])
    for line in figures[1].data if "GATES" in names else ():
        (letter,) = (letter for letter, (title, *_) in names["GATES"].items() if title == line.name)
        assert_equal(line.y, read.arrays[letter].mean(axis=1))
    assert_equal(figures[-1].data[0].z, read.arrays[names["LETTER"]].T)


@pytest.mark.slow
def test_a_notebook_runs_in_its_kernel(tmp_path, monkeypatch):
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    model = halved(small_model(HOSTILE_NAME, classes=HOSTILE))
    notebook = notebook_of(model)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output.output_type in ("stream", "error")]
    shown = [output.data for output in outputs]
    said = ast.literal_eval(next(one["text/plain"] for one in shown if one["text/plain"].startswith("{")))
    text = ast.literal_eval(next(c.source for c in notebook.cells if "TEXT =" in c.source).split("\n")[0][7:])
    assert_equal([said[name] for name in HOSTILE], model.probabilities([text])[0])
    assert sum("application/vnd.plotly.v1+json" in one for one in shown) == 3


IN_TWO_LAYERS = {"layers": 2, "bidirectional": True, "readout": "mean", "input": "one-hot"}
OF_CHARACTERS = {"unit": "characters", "accents": "strip", "skip_padding": False, "max_length": 30}


@pytest.mark.parametrize(
    "chosen",
    [
        *({"variant": variant, **IN_TWO_LAYERS} for variant in ("elman", "lstm", "slstm", "s6")),
        {"classes": HOSTILE, "bigrams": 9, "counted_bigrams": 9, "readout": "attention", **OF_CHARACTERS},
        {"head": "two-logit", **OF_CHARACTERS},
        {"layers": 3, **OF_CHARACTERS},
        {"exact": True, "lowercase": False, "unit": "characters"},
    ],
    ids=lambda chosen: chosen.get("variant", ", ".join([*chosen][:2])),
)
def test_a_notebook_shows_what_its_network_computes(chosen):
    model = halved(small_model(**chosen))
    assert_says_the_same(model, *run_here(notebook_of(model)))


def test_a_network_of_a_language_shows_what_comes_next():
    model = halved(pretrained("tiny-brackets"))
    notebook = notebook_of(model)
    names, figures = run_here(notebook)
    assert_says_the_same(model, names, figures)
    (heat,) = figures[0].data
    assert set(heat.y) == {"&lt;end&gt;", "(", ")", "[", "]"}
    score = f"{model.scores['bits_per_token']:.3f}"
    assert f"It has **{score}** bits per symbol on" in notebook.cells[0].source


def test_names_of_any_letters_are_text_in_a_notebook():
    notebook = notebook_of(small_model(HOSTILE_NAME, classes=HOSTILE))
    said, _ = notebook.cells[0].source.split("Everything is in this file")
    assert said.startswith(r"# \# \`x\` \[a\]\(b\) \<img src=x onerror=alert\(1\)\> \$y\$ \| \*\*z\*\*")
    assert not re.search(r"(?<!\\)[<>`$*|]", said)
    assert "print(1)" not in [cell.source for cell in notebook.cells]


def test_weights_are_folded_and_the_inside_is_said():
    model = small_model()
    made = exported(model)
    (folded,) = (cell for cell in json.loads(made.files[""])["cells"] if cell["metadata"])
    assert folded["metadata"]["jupyter"] == {"source_hidden": True}
    assert "".join(folded["source"]).startswith('WEIGHTS = """')
    said = " ".join(made.said)
    assert "stored in 16 bits each, which changes no probability by more than 0.0" in said
    words = len(model.vocabulary) - len(SPECIAL_TOKENS)
    assert f"the {words} most frequent words of the texts it learned from. None of these texts is" in said
