"""A trained network as a notebook that explains itself: it loads, answers, and draws the gates with Plotly.

It is written as Markdown in `pytorch_parts/notebook.md.jinja`, with the code of `model.py` from the same
parts: what stands between fences is a cell of code, the rest is text. Each cell of the network has its own
code here, since torch's modules don't show their gates.
"""

import base64
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from torch import Tensor

from rnn_core.__version__ import __version__
from rnn_core.config.readouts import READOUTS
from rnn_core.export.format import Exported, ModelFormat
from rnn_core.export.inside import vocabulary_in_words
from rnn_core.export.pytorch import check_code, context_of, render, weights_file, weights_of
from rnn_core.export.stored import choose
from rnn_core.figures.colours import NEGATIVE, POSITIVE, colour_of, dash_of
from rnn_core.models.model import Model
from rnn_core.progress import Progress
from rnn_core.symbols import CellDeclaration, Symbol
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import spelled

_FENCED = re.compile(r"^```python(?P<folded> folded)?\n(?P<code>.*?)\n```$", re.MULTILINE | re.DOTALL)
_FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}
"""The mark by which JupyterLab and Colab fold the code of a cell."""
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_LINE = 1_000
"""Letters of a line of weights: few lines, and none too long for an editor."""
_EXAMPLE_TOKENS = range(6, 17)


def make_notebook(models: Sequence[Model]) -> Generator[Progress, None, Exported]:
    """Makes the notebook of a model. Raises ExportError."""
    (model,) = models
    stored = yield from choose(model, ("float16", "float32"))  # safetensors has no whole numbers with scales
    yield Progress("Writing the notebook", 0, 1)
    model = replace(model, classifier=stored.classifier)
    tensors = weights_of(model, own_code=True)
    text = render("notebook.md.jinja", _context(model, tensors, stored.sentence))
    said = (
        "The notebook has the code of the network and its weights inside. It needs torch, regex and plotly.",
        stored.sentence,
        _inside(model),
    )
    return Exported(files={"": _notebook(text).encode()}, said=said)


def _notebook(markdown: str) -> str:
    """The content of the notebook of a text with fenced code; the same text gives the same."""
    from nbformat import v4, writes  # which take as long to import as all of the other formats

    cells, end = [], 0
    for fenced in _FENCED.finditer(markdown):
        cells.append(v4.new_markdown_cell(markdown[end : fenced.start()].strip()))
        cells.append(v4.new_code_cell(fenced["code"].strip(), metadata=_FOLDED if fenced["folded"] else {}))
        end = fenced.end()
    cells.append(v4.new_markdown_cell(markdown[end:].strip()))
    for number, cell in enumerate(cells, 1):
        cell.id = f"cell-{number}"  # nbformat draws another one each time
    return writes(v4.new_notebook(cells=cells, metadata={"kernelspec": _KERNEL})) + "\n"


def _context(model: Model, tensors: Mapping[str, Tensor], stored: str) -> dict[str, Any]:
    """Return the values that fill the parts of the notebook."""
    config, declared, task = model.config, model.config.model.declared, task_of(model.config)
    context = context_of(model, tensors, own_code=True, keeps_steps=True)
    weights = base64.b64encode(weights_file(model, tensors)).decode()
    symbols = [symbol for symbol in declared.symbols if symbol.letter in context["cell"].letters]
    return {
        **context,
        "file": {"argument": "content: bytes", "content": "content"},
        "title": f"{_escaped(model.name)}: watch it read",
        "stored": stored,
        "score": _score(model),
        "inside": _inside(model),
        "version": __version__,
        "weights": "\n".join(weights[at : at + _LINE] for at in range(0, len(weights), _LINE)),
        "example": _literal(_example(model)),
        "literal": _literal,
        "plain": _escaped,
        "declared": declared,
        "equations": _equations(declared),
        "symbols": symbols,
        "gates": [symbol for symbol in symbols if symbol.is_gate or symbol.is_share],
        "colour_of": colour_of,
        "dash_of": dash_of,
        "positive": POSITIVE,
        "negative": NEGATIVE,
        "at_every_step": task.at_every_step,
        "classes": [_escaped(name) for name in config.classes],
        "learned_from": _escaped(
            f"strings of {config.corpus.phrase}" if config.corpus.language else config.data
        ),
        "token": config.tokens.noun,
        "reads": READOUTS[config.model.readout].reads,
        "parameters": sum(weights.numel() for weights in model.classifier.parameters()),
    }


def _score(model: Model) -> str:
    """A sentence on its test score, none where it was not scored."""
    said = task_of(model.config).result_in_words(model.config, model.scores)
    return f"{said}." if said else ""


def _inside(model: Model) -> str:
    words = f"its vocabulary, the {vocabulary_in_words(model)} of the texts it learned from"
    return f"Inside are its weights and {words}. None of these texts is inside."


def _equations(declared: CellDeclaration) -> str:
    """The equations of a cell in LaTeX, each on a line; those of a family are one."""
    of_latex = {known.latex: known for known in map(declared.__getitem__, declared.equations)}
    return "\n".join(
        rf"{latex}{_prime(known, declared)} &= {known.equation} \\" for latex, known in of_latex.items()
    )


def _prime(symbol: Symbol, declared: CellDeclaration) -> str:
    return "'" if symbol.letter in declared.states else ""


def _example(model: Model) -> str:
    """A text of ours, a string of the language, or words of the vocabulary: its own texts stay out."""
    corpus = model.config.corpus
    if corpus.language is not None:
        drawn = [corpus.language.draw(Random(seed)) for seed in range(40)]
        return next((string for string in drawn if len(string) in _EXAMPLE_TOKENS), drawn[0])
    if corpus.first_sentence:
        return corpus.first_sentence
    words = model.vocabulary.words[len(task_of(model.config).specials) :]
    return spelled(words[: _EXAMPLE_TOKENS.stop], model.config.tokens).strip() or "?"


def _literal(text: str) -> str:
    """The text as code, between double quotes where it has none itself."""
    code = repr(text)
    return f'"{code[1:-1]}"' if code[0] == "'" and '"' not in code else code


def _escaped(text: str) -> str:
    """The text in one line, as it stands: no sign of it is one of Markdown, HTML or LaTeX."""
    line = "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|&$~])", r"\\\1", line)


NOTEBOOK = ModelFormat(
    label="Notebook",
    suffix=".ipynb",
    mime="application/x-ipynb+json",
    help="A notebook that explains the network, runs it and draws its gates, with the weights inside. It "
    "needs torch, regex and plotly.",
    check=check_code,
    make=make_notebook,
)
