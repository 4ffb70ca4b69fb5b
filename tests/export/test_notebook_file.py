"""A network as a notebook explains itself, says what Gatescope says, and draws its gates."""

import ast
import json
import re

import nbformat
import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from nbclient import NotebookClient

from rnn_core.errors import ExportError
from rnn_core.export.model_formats import MODEL_FORMATS
from rnn_core.progress import finish
from rnn_core.symbols import CELLS
from rnn_core.text.vocabulary import SPECIAL_TOKENS
from tests.export.small import HOSTILE, TEXTS, pretrained, small_model

HOSTILE_NAME = "# `x` [a](b) <img src=x onerror=alert(1)> $y$ | **z** \n```python\nprint(1)\n```"


@pytest.fixture(autouse=True)
def measured_on_few_texts(monkeypatch):
    monkeypatch.setattr("rnn_core.export.stored.TEXTS", 20)


def notebook_of(model):
    """The notebook of a model, which is a valid one."""
    content = finish(MODEL_FORMATS["notebook"].export([model])).files[""]
    notebook = nbformat.reads(content.decode(), as_version=4)
    nbformat.validate(notebook)
    return notebook


def halved(model):
    """The model with weights that half precision holds, in which a notebook has them."""
    for weights in model.classifier.state_dict().values():
        if weights.is_floating_point():
            weights.copy_(weights.half())
    return model


def run_here(notebook):
    """What the code of a notebook leaves in its names, and the figures that its cells end with."""
    names, figures = {}, []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            *lines, last = ast.parse(cell.source).body
            exec(compile(ast.Module(lines, []), "cell", "exec"), names)
            is_value = isinstance(last, ast.Expr)
            kind, tree = (
                ("eval", ast.Expression(last.value)) if is_value else ("exec", ast.Module([last], []))
            )
            value = eval(compile(tree, "cell", kind), names)
            figures += [value] if isinstance(value, go.Figure) else []
    return names, figures


def assert_equal(ours, theirs):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-5, atol=1e-5)


def assert_says_the_same(model, names, figures):
    """The verdict along the example, and each gate's mean, are those of Gatescope."""
    trace = model.trace(names["TEXT"])
    assert_equal([*names["probabilities"].values()], trace.probabilities_of_classes[-1])
    assert_equal(names["after"], trace.probabilities_of_classes)
    for letter, values in names["network"].steps.items():
        assert_equal(values, trace.arrays[letter])
    for line in figures[1].data if "GATES" in names else ():
        (letter,) = (letter for letter, (title, *_) in names["GATES"].items() if title == line.name)
        assert_equal(line.y, trace.arrays[letter].mean(axis=1))
    assert_equal(figures[-1].data[0].z, trace.arrays[names["LETTER"]].T)


@pytest.mark.slow
def test_a_notebook_runs_in_its_kernel_and_says_what_gatescope_says(tmp_path, monkeypatch):
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    settings = {
        "layers": 2,
        "bidirectional": True,
        "bigrams": 9,
        "counted_bigrams": 9,
        "readout": "attention",
    }
    model = halved(small_model(HOSTILE_NAME, classes=HOSTILE, **settings))
    notebook = notebook_of(model)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output.output_type in ("stream", "error")]
    shown = [output.data for output in outputs]
    said = ast.literal_eval(next(one["text/plain"] for one in shown if one["text/plain"].startswith("{")))
    text = ast.literal_eval(next(c.source for c in notebook.cells if "TEXT =" in c.source).split("\n")[0][7:])
    expected = dict(zip(HOSTILE, model.probabilities([text])[0].tolist(), strict=True))
    assert_equal([said[name] for name in HOSTILE], [expected[name] for name in HOSTILE])
    assert sum("application/vnd.plotly.v1+json" in one for one in shown) == 3


@pytest.mark.parametrize("variant", CELLS.registered())
def test_every_cell_shows_what_it_computes(variant):
    model = halved(
        small_model(variant=variant, layers=2, bidirectional=True, readout="mean", input="one-hot")
    )
    assert_says_the_same(model, *run_here(notebook_of(model)))


@pytest.mark.parametrize("chosen", [{"classes": HOSTILE, "bigrams": 9}, {"head": "two-logit"}, {"layers": 3}])
def test_every_kind_of_answer_is_followed_along_the_text(chosen):
    model = halved(
        small_model(unit="characters", accents="strip", skip_padding=False, max_length=30, **chosen)
    )
    assert_says_the_same(model, *run_here(notebook_of(model)))


def test_a_network_of_a_language_shows_what_comes_next():
    model = halved(pretrained("tiny-brackets"))
    names, figures = run_here(notebook_of(model))
    assert_says_the_same(model, names, figures)
    (heat,) = figures[0].data
    assert set(heat.y) == {"&lt;end&gt;", "(", ")", "[", "]"}
    assert names["network"].probabilities("((")[")"] > 0.3


def test_a_notebook_says_how_well_the_network_did_where_it_was_scored():
    model = pretrained("tiny-brackets")
    score = f"{model.scores['bits_per_token']:.3f}"
    assert f"It has **{score}** bits per token on" in notebook_of(model).cells[0].source
    assert "**" not in notebook_of(small_model()).cells[0].source


def test_the_weights_are_folded_and_the_same_model_gives_the_same_bytes():
    model = small_model()
    once, again = (finish(MODEL_FORMATS["notebook"].export([model])).files[""] for _ in range(2))
    assert once == again
    (folded,) = (cell for cell in json.loads(once)["cells"] if cell["metadata"])
    assert folded["metadata"]["jupyter"] == {"source_hidden": True}
    assert "".join(folded["source"]).startswith('WEIGHTS = """')


def test_names_of_any_letters_are_text_in_a_notebook():
    notebook = notebook_of(small_model(HOSTILE_NAME, classes=HOSTILE))
    said, _ = notebook.cells[0].source.split("Everything is in this file")
    assert said.startswith(r"# \# \`x\` \[a\]\(b\) \<img src=x onerror=alert\(1\)\> \$y\$ \| \*\*z\*\*")
    assert not re.search(r"(?<!\\)[<>`$*|]", said)
    assert "print(1)" not in [cell.source for cell in notebook.cells]


def test_a_notebook_says_how_its_weights_are_stored_and_how_far_it_is():
    model = small_model()
    steps = [*MODEL_FORMATS["notebook"].export([model])]
    assert [step.doing for step in steps][-1] == "Writing the notebook"
    said = " ".join(finish(MODEL_FORMATS["notebook"].export([model])).said)
    assert "stored in 16 bits each, which changes no probability by more than 0.0" in said
    words = len(model.vocabulary) - len(SPECIAL_TOKENS)
    assert f"the {words} most frequent words of the texts it learned from. None of these texts is" in said


def test_a_model_without_code_is_refused_as_by_pytorch():
    assert MODEL_FORMATS["notebook"].check is MODEL_FORMATS["pytorch"].check
    model = small_model()
    model.classifier.head.weight.data[0, 0] = torch.nan
    with pytest.raises(ExportError, match="finite"):
        finish(MODEL_FORMATS["notebook"].export([model]))


def test_the_texts_of_the_tests_are_no_example():
    sources = [cell.source for cell in notebook_of(small_model()).cells]
    assert not any(text in source for text in TEXTS for source in sources)
