"""A trained network as code on torch: a folder with `model.py` and `weights.safetensors`.

The code is put together from the parts in `pytorch_parts/`, of which a file has only those lines that its
network needs. `nn.RNN`, `nn.GRU` and `nn.LSTM` stand for the cells that compute the same; any other cell is
written from its equations by `torch_step`.

Weights keep every bit, since people may go on training with them: as float16 where that holds all values, as
of published networks, which are kept so; else as float32.
"""

import json
import re
import textwrap
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import torch
from safetensors.torch import save as safetensors_bytes
from torch import Tensor

from rnn_core.__version__ import __version__
from rnn_core.config.tasks import TASKS
from rnn_core.errors import ExportError
from rnn_core.export.format import Exported, ModelFormat
from rnn_core.export.inside import vocabulary_in_words
from rnn_core.export.torch_step import TorchCell
from rnn_core.models.model import Model
from rnn_core.nn.classifier import cell_weight, outputs, state_width
from rnn_core.progress import Progress
from rnn_core.refusals import shown
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import PAD_ID, START_ID, UNK_ID
from rnn_core.text.window import room_for_words

_PARTS = Path(__file__).with_name("pytorch_parts")
_TYPES = {torch.float16: "F16", torch.float32: "F32", torch.int64: "I64"}
"""The names of number types in safetensors."""
_WIDTH = 100
"""Letters of a line."""


def check_code(models: Sequence[Model]) -> None:
    """Raises ExportError where there are no parts for a model; its weights are not read."""
    for model in models:
        settings = model.config.model
        if settings.readout not in _named("readouts"):
            raise ExportError(
                f"{shown(model.name)} can't be exported as code: there is no code for its readout, "
                f"{shown(settings.readout)}. Export it as a zip, or train a network with one of these "
                f"readouts: {', '.join(_named('readouts'))}."
            )
        if not task_of(model.config).is_code:
            raise ExportError(
                f"{shown(model.name)} can't be exported as code: it was trained for "
                f"{TASKS[model.config.task].label}, and there is no code for its answers. Export it as a zip."
            )


def _named(folder: str) -> list[str]:
    """List the parts in a folder by name."""
    return sorted(path.stem for path in (_PARTS / folder).glob("*.jinja"))


def make_folder(models: Sequence[Model]) -> Generator[Progress, None, Exported]:
    """Makes `model.py` and `weights.safetensors` of a model."""
    (model,) = models
    yield Progress("Writing the code", 0, 2)
    tensors = weights_of(model)
    context = {
        **context_of(model, tensors),
        "docstring": _docstring(model),
        "file": {"argument": "path: Path = WEIGHTS", "content": "path.read_bytes()"},
    }
    code = render("model.py.jinja", context)
    yield Progress("Writing the weights", 1, 2)
    files = {"model.py": code.encode(), "weights.safetensors": weights_file(model, tensors)}
    kept = " and ".join(sorted({str(t.dtype).removeprefix("torch.") for t in tensors.values()}))
    said = (
        'model.py is the network as code, which needs torch and regex alone: python model.py "text".',
        f"weights.safetensors has its weights, {kept}, to the bit, and its vocabulary, the "
        f"{vocabulary_in_words(model)} of the texts it learned from; none of these texts.",
    )
    return Exported(files=files, said=said)


def weights_of(model: Model, *, own_code: bool = False) -> dict[str, Tensor]:
    """The weights by the names of the code, each as float16 where that keeps every bit.

    With `own_code` no cell stands as a module of torch.
    """
    classifier, settings = model.classifier, model.config.model
    code = TorchCell(classifier.cell.equations)
    with torch.no_grad():
        tensors = dict(_other_weights(classifier.written_out()))
        for way, layers in (("", classifier.layers), ("backward_", classifier.backward_layers)):
            for layer, cell in enumerate(layers):
                if settings.declared.is_in_torch and not own_code:
                    suffix, weights = f"_l{layer}{'_reverse' * bool(way)}", cell.weights_in_torch()
                    tensors |= {f"cell.{name}{suffix}": value for name, value in weights.items()}
                else:
                    place = f"{way}cells.{layer}" if settings.layers > 1 else f"{way}cell"
                    weights = code.weights(cell)
                    tensors |= {f"{place}.{name}": value for name, value in weights.items()}
        tensors = {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}
    return _halved(tensors)


_RENAMED: Mapping[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "bigrams.known": ("pairs", lambda known: known),
    "bigrams.vectors.weight": ("vector_of_pair.weight", lambda vectors: vectors),
    "counted.known": ("counted_pairs", lambda known: known),
    "counted.odds": ("odds_of_pair", lambda odds: _padded_odds(odds.reshape(len(odds), -1))),
    "attention.W": ("attention.weight", lambda W: W.T),
    "attention.b": ("attention.bias", lambda b: b),
    "attention.v": ("query", lambda v: v),
}
"""The name of a tensor in the code, and what it is there."""


def _padded_odds(odds: Tensor) -> Tensor:
    """Odds (P, K) with a row of zeros above, for pairs that are not known."""
    return torch.cat([odds.new_zeros(1, odds.shape[1]), odds])


def _other_weights(state: Mapping[str, Tensor]) -> Generator[tuple[str, Tensor], None, None]:
    """The weights that belong to no cell, by their names in the code."""
    for name, tensor in state.items():
        if cell_weight(name) is None:
            renamed, made = _RENAMED.get(name, (name, lambda same: same))
            yield renamed, made(tensor)


def _halved(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors in half precision, where that keeps every bit of all; else as they are."""
    halves = {name: one.half() if one.is_floating_point() else one for name, one in tensors.items()}
    if all(torch.equal(halves[name].to(one.dtype), one) for name, one in tensors.items()):
        return halves
    return dict(tensors)


def weights_file(model: Model, tensors: Mapping[str, Tensor]) -> bytes:
    """A safetensors file with the weights, and in one entry, so that it is the same each time, all words."""
    words = [model.vocabulary.words, task_of(model.config).answers(model.config, model.vocabulary)]
    return safetensors_bytes(dict(tensors), metadata={"words": json.dumps(words, ensure_ascii=False)})


def context_of(
    model: Model, tensors: Mapping[str, Tensor], *, own_code: bool = False, keeps_steps: bool = False
) -> dict[str, Any]:
    """Return the values that fill the parts, given what `weights_of` returned.

    `keeps_steps`: whether the network keeps all that its cell computed of the last text; it needs `own_code`.
    """
    settings, text, task = model.config.model, model.config.text, task_of(model.config)
    K = task.classes(model.config, len(model.vocabulary))
    logits, odds = outputs(settings, K), 1 if K == 2 else K
    module = settings.declared.torch_module if settings.declared.is_in_torch and not own_code else ""
    answer = "every_step" if task.at_every_step else "one_logit" if logits == 1 else "logits"
    room = room_for_words(text)
    kinds = {_TYPES[tensor.dtype]: str(tensor.dtype) for tensor in tensors.values()}
    types = ", ".join(f'"{name}": {kind}' for name, kind in sorted(kinds.items()))
    special = [("UNKNOWN", UNK_ID)]
    if text.start_token:
        special.insert(0, ("START", START_ID))
    if settings.bigrams or settings.counted_bigrams or not text.skip_padding:
        special.insert(0, ("PAD", PAD_ID))
    return {
        "keeps_steps": keeps_steps,
        "types": f"{{{types}}}",
        "model": settings,
        "text": text,
        "tokens": model.config.tokens,
        "most": room + text.start_token,
        "kept": f"-{room}:" if text.truncation == "pre" and room else f":{room}",
        "special_tokens": dict(special),
        "readout": "every_step.jinja" if task.at_every_step else f"readouts/{settings.readout}.jinja",
        "answer": f"answers/{answer}.jinja",
        "recurrence": f"recurrences/{'torch' if module else 'own'}.jinja",
        "torch_class": module,
        "cell": None if module else TorchCell(model.classifier.cell.equations),
        "cell_name": _class_name(settings.declared.name),
        "cell_says": _filled(_escaped(settings.declared.summary), 4 + len('"""')),
        "inputs": settings.embedding_size if settings.input == "embedding" else "len(vocabulary)",
        "E": settings.embedding_size,
        "H": settings.hidden_size,
        "D": state_width(settings),
        "outputs": logits,
        "odds": odds,
    }


def _class_name(name: str) -> str:
    """The name of a cell as that of a class, such as MinGRUCell.

    >>> _class_name("minGRU"), _class_name("RG-LRU"), _class_name("3 ☃")
    ('MinGRUCell', 'RGLRUCell', 'Cell3Cell')
    """
    found = "".join(word[0].upper() + word[1:] for word in re.findall("[A-Za-z0-9]+", name))
    return f"{'Cell' * (not found[:1].isalpha())}{found}Cell"


def _docstring(model: Model) -> str:
    """Write the docstring of the file: names of any letters in lines of code."""
    settings, task = model.config.model, task_of(model.config)
    layers = f" in {settings.layers} layers" if settings.layers > 1 else ""
    both = ", in both directions" if settings.bidirectional else ""
    what = f"{_escaped(settings.declared.noun)} with {settings.hidden_size:,} units{layers}{both}"
    named = ", ".join(map(_escaped, model.config.classes))
    classes = named if len(named) <= _WIDTH else f"one of {len(model.config.classes)}"
    says = "what comes next" if task.at_every_step else f"the class of a text ({classes})"
    paragraphs = (
        f'"""{_escaped(model.name)}: {what}, which learned from {_escaped(model.config.data)}.',
        f'`python model.py "text"` prints {says}, with its probability. In your own code: '
        '`from model import Network`, then `Network().probabilities("text")`. It needs torch and regex, and '
        f"weights.safetensors beside it. Written by Gatescope {__version__}.",
    )
    return "\n\n".join(map(_filled, paragraphs))


def _filled(paragraph: str, indent: int = 0) -> str:
    """The paragraph in lines; all but the first are indented as a docstring is."""
    lines = textwrap.wrap(paragraph, _WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return f"\n{' ' * min(indent, 4)}".join(lines)


def _escaped(text: str) -> str:
    """The text as it stands between the quotes of a docstring; what can't be printed as its escape."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in escaped
    )


def render(part: str, context: Mapping[str, Any]) -> str:
    """The text of a part."""
    return _jinja().get_template(part).render(context)


@cache
def _jinja() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_PARTS),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


PYTORCH = ModelFormat(
    label="Code on PyTorch",
    suffix="",
    mime="application/zip",
    help="A folder with the network as one readable Python file and its weights, for code of your own. "
    "It needs torch and regex alone.",
    check=check_code,
    make=make_folder,
)
