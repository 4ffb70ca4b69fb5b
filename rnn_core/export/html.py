"""A network in one page: which networks it can have, what it is given of them, and its file.

A cell's module is written from its equations; a language is data. A readout, and what a task's answers are
shown by, has a module of its own; a network without is refused.
"""

import json
import math
from collections.abc import Callable, Generator, Mapping, Sequence
from random import Random
from typing import Any

from rnn_core.__version__ import __version__
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import TASKS
from rnn_core.config.words import lessons_of, network_in_words
from rnn_core.errors import ExportError
from rnn_core.export.bundle import PAGE, bundle
from rnn_core.export.format import Exported, ModelFormat, bytes_of_weights
from rnn_core.export.inside import said_on_card, vocabulary_in_words
from rnn_core.export.javascript import cell_module
from rnn_core.export.page_file import page_file
from rnn_core.export.stored import Stored, choose
from rnn_core.export.unicode_ranges import ranges_for
from rnn_core.figures.colours import colour_of, dash_of
from rnn_core.inspection.clamps import holdable
from rnn_core.languages.language import Language
from rnn_core.models.model import KeptModel, Model
from rnn_core.progress import Progress
from rnn_core.refusals import listing, shown
from rnn_core.symbols import CELLS, CellDeclaration, Symbol
from rnn_core.tasks.task import task_named, task_of
from rnn_core.text.tokenizer import spelled
from rnn_core.text.window import MOST_AT_ONCE
from rnn_core.writing.text import write

PAGE_FORMAT = 2
"""The form of what a page is given; another number, another page."""

_EXAMPLE_WORDS, _TRIED, _EXAMPLE_SYMBOLS, _WRITTEN = 12, 200, 16, 120
_PAGE_BYTES = 190_000  # without a network
_WORK, _ANSWERS = 1_000_000_000, 4_000_000
"""Multiplications, and answers, of a text that a page reads at once: a second or so, and some 50 MB."""
_SIZE = ("hidden_size", "layers", "bidirectional", "bigrams", "counted_bigrams")


def _cell_name(config: RunConfig) -> str:
    """Returns the name of a cell in a page: its own if Gatescope has it, else that of its equations."""
    network = config.model
    is_ours = network.cell in CELLS.registered()
    return network.variant if is_ours else network.declared.read_equations().digest


_PARTS: Mapping[str, Callable[[RunConfig], str]] = {
    "cell": _cell_name,
    "readout": lambda config: config.model.readout,
    "answer": lambda config: task_of(config).page_answer,
}
"""Each kind of module of a page -> the name of a network's, "" where it has none.

A module exports one thing of its kind's name, and lies in a folder of this name and s."""


def check(models: Sequence[Model]) -> None:
    """Raises ExportError where a page can't compute what one of these networks does."""
    for model in models:
        config = model.config
        if not task_of(config).page_answer:
            shows = [TASKS[name].label for name in TASKS if task_named(name).page_answer]
            raise ExportError(
                f"{shown(model.name)} was trained for {TASKS[config.task].label}. A page can be made of a "
                f"network for {' or '.join(shows)}: export it as a zip."
            )
        for what, name_of in _PARTS.items():
            name = name_of(config)
            if name and what != "cell" and not (PAGE / f"{what}s" / f"{name}.js").is_file():
                raise ExportError(
                    f"{shown(model.name)} has the {what} {name}, which the page can't compute: there is no "
                    f"{name}.js in the folder {what}s of its source. Export it as a zip."
                )


def size(models: Sequence[Model]) -> int:
    """About how many bytes a page of these networks has, with their weights in 16 bits each."""
    return _PAGE_BYTES + sum(
        bytes_of_weights([model]) * 2 // 3 + len(model.vocabulary.to_text().encode()) for model in models
    )  # base64 writes 4 letters for 3 bytes


def make(models: Sequence[Model]) -> Generator[Progress, None, Exported]:
    """The page of one network or two, which were checked. Raises ExportError."""
    stored = []
    for model in models:
        stored.append((yield from choose(model)))
    yield Progress("Writing the page", 0, 1)
    said = [
        sentence if len(models) == 1 else f"{model.name}: {sentence}"
        for model, weights in zip(models, stored, strict=True)
        for sentence in (_inside(model), weights.sentence)
    ]
    return Exported(files={"": page_of(models, stored)}, said=tuple(said))


def page_of(models: Sequence[Model], stored: Sequence[Stored]) -> bytes:
    """The file of these networks, which were checked. Raises ExportError."""
    data = [network_data(model, weights) for model, weights in zip(models, stored, strict=True)]
    names = " and ".join(model.name for model in models)
    title = f"{names}: watch {'it' if len(models) == 1 else 'them'} read"
    return page_file(title, data, bundle("page.js", {"page.js": _entry(models), **cells_of(models)}))


def _entry(models: Sequence[Model]) -> str:
    """The module that begins: it imports what these networks need, and starts the page with it."""
    imports, parts = parts_of(models)
    return "\n".join(['import { start } from "./main.js"', *imports, f"start({{ document, {parts} }})"])


def parts_of(models: Sequence[Model]) -> tuple[list[str], str]:
    """The lines that import what networks need, and what an object has of them."""
    imports, groups = [], []
    for what, name_of in _PARTS.items():
        names = sorted({name_of(model.config) for model in models} - {""})
        imports += [
            f'import {{ {what} as {what}{number} }} from "./{what}s/{name}.js"'
            for number, name in enumerate(names)
        ]
        pairs = ", ".join(f"{json.dumps(name)}: {what}{number}" for number, name in enumerate(names))
        groups.append(f"{what}s: {{ {pairs} }}")
    return imports, ", ".join(groups)


def cells_of(models: Sequence[Model]) -> dict[str, str]:
    """Writes the modules of the cells of networks, which were checked, by their paths in the page."""
    found = {}
    for model in models:
        symbols, cell = model.config.model.declared.symbols, model.classifier.cell
        found[f"cells/{_cell_name(model.config)}.js"] = cell_module(cell.equations, symbols, cell.keys)
    return found


def network_data(model: Model, stored: Stored) -> dict[str, Any]:
    """Return all that a page needs to read a text with a network, and what is said of it."""
    config, network, task = model.config, model.config.model, task_of(model.config)
    declared, corpus = network.declared, config.corpus
    return {
        "format": PAGE_FORMAT,
        "version": __version__,
        "name": model.name,
        "noun": network_in_words(network),
        "answer": task.page_answer,
        "classes": list(task.answers(config, model.vocabulary)),
        "nouns": {name: corpus.nouns.fill(f"{{{name}}}") for name in ("text", "texts", "described")},
        "tokenNoun": config.tokens.noun,
        "tokens": {name: getattr(config.tokens, name) for name in config.tokens.settings()},
        "text": {
            "max_length": _longest(model),
            **{
                name: getattr(config.text, name)
                for name in ("reads_all", "truncation", "padding", "start_token", "skip_padding")
            },
        },
        "textsEnd": config.texts_end,
        "model": {
            "kind": _cell_name(config),
            "input": network.input,
            **{name: getattr(network, name) for name in _SIZE},
            "readout": network.readout,
        },
        "symbols": [_symbol(symbol, declared) for symbol in declared.symbols],
        "memories": list(declared.memories),
        "vocabulary": model.vocabulary.to_text(),
        "tensors": dict(stored.tensors),
        "storage": {"name": stored.name, "sentence": stored.sentence},
        "language": _language(corpus.language) if corpus.language is not None else None,
        "about": {
            "lines": _scores(model),
            "warnings": _warnings(model),
            "learned_from": listing(lessons_of(model.config)),
            "inside": _inside(model),
        },
        "examples": _examples(model),
        "unicode": dict(ranges_for(config.tokens)),
    }


def _longest(model: Model) -> int:
    """The time steps that a page reads of a text: of a network that reads all of it what it can compute."""
    text, network = model.config.text, model.classifier
    if not text.reads_all:
        return text.max_length
    multiplied = sum(
        weights.numel() for part in (*network.layers, network.head) for weights in part.parameters()
    )
    most = min(_WORK // multiplied, _ANSWERS // network.head.out_features, MOST_AT_ONCE)
    return max(most, text.max_length)


def _symbol(symbol: Symbol, declared: CellDeclaration) -> dict[str, Any]:
    bounds = symbol.bounds and [None if math.isinf(bound) else bound for bound in symbol.bounds]
    return {
        "letter": symbol.letter,
        "title": symbol.title,
        "name": symbol.name,
        "role": symbol.role.value,
        "meaning": symbol.meaning,
        "bounds": bounds,
        "isGate": symbol.is_gate,
        "isShare": symbol.is_share,
        "isHoldable": symbol in holdable(declared),
        "colour": colour_of(symbol),
        "dash": dash_of(symbol),
    }


def _language(language: Language) -> dict[str, Any]:
    return {
        "title": language.label,
        "rule": language.rule,
        "symbols": list(language.symbols),
        "rivals": dict(language.rivals),
        "law": language.law.to_dict(),
    }


def _warnings(model: Model) -> list[str]:
    """Return its limits as its card says them; without a card those of any network."""
    if isinstance(model, KeptModel) and (on_card := said_on_card(model.folder)):
        return on_card
    corpus, said = model.config.corpus, []
    text, texts = corpus.nouns.text, corpus.nouns.texts
    if task_of(model.config).gives_verdict:
        said.append(
            f"Every text gets an answer, in another language too, or one that is no {text} at all. Then the "
            "answer means nothing."
        )
    if model.scores and corpus.splits_overlap:
        said.append(f"Its test {texts} are drawn as those were that it learned from.")
    elif model.scores:
        said.append(
            f"Its test {texts} are of the same kind as those it learned from. On texts from elsewhere it "
            "does worse."
        )
    return said


def _scores(model: Model) -> list[list[str]]:
    """The test scores as pairs of what is measured and the value."""
    config, scores = model.config, model.scores
    if not scores:
        return []
    task, texts = task_of(config), config.corpus.nouns.texts
    of = "of" if task.score.is_share else "on"
    value = f"{scores[task.score.field]:{task.score.in_full}} {of} {scores['reviews']:,} test {texts}"
    return [
        [f"Test {task.score.name}", value],
        *([what, found] for what, found in task.card_rows(config, scores).items()),
    ]


def _inside(model: Model) -> str:
    config, texts = model.config, model.config.corpus.nouns.texts
    private = " If these are private, so is this file." if config.corpus.is_private else ""
    return (
        f"This file holds the weights of the network and its vocabulary, the {vocabulary_in_words(model)} of "
        f"the {texts} it learned from. It holds none of these {texts}.{private}"
    )


def _examples(model: Model) -> list[list[str]]:
    """Pairs of title and text to begin with: written for this project, or a right and a wrong string.

    Where the network says what comes next, it is a text that it wrote. Of a corpus that has no such texts it
    is a row of words of the vocabulary: its own texts stay out.
    """
    corpus = model.config.corpus
    if corpus.language is not None:
        right, wrong = corpus.language.draw, corpus.language.draw_wrong
        return [["keeps the rule", _example_string(right)], ["breaks the rule", _example_string(wrong)]]
    if task_of(model.config).at_every_step:
        return [["it wrote this", write(model, length=_WRITTEN, goes_on=True).text]]
    if corpus.examples:
        first = [["", corpus.first_sentence]] if corpus.first_sentence else []
        return [*first, *([one.title, one.text] for one in corpus.examples)]
    known = model.vocabulary.words[len(task_of(model.config).specials) :]
    return [["", spelled(known[:_EXAMPLE_WORDS], model.config.tokens).strip()]]


def _example_string(draw: Callable[[Random], str]) -> str:
    rng = Random(0)
    return min((draw(rng) for _ in range(_TRIED)), key=lambda string: abs(len(string) - _EXAMPLE_SYMBOLS))


HTML = ModelFormat(
    label="Page (HTML)",
    suffix=".html",
    mime="text/html",
    help="One file that opens in any browser, without Gatescope and without the internet: type a text and "
    "watch the network read it.",
    most_models=2,
    size=size,
    check=check,
    make=make,
)
