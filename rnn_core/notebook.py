"""The names that `import rnn_core as gs` offers a notebook, which need no other import."""

import contextlib
import dataclasses
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import override

from rnn_core.cell_files.declared import typed_name
from rnn_core.cell_files.folder import check_name
from rnn_core.cell_files.typed import TypedCell, read_typed
from rnn_core.config.corpora import corpus_named
from rnn_core.config.effect import changed_in_vain
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import CLASSIFICATION
from rnn_core.data.corpus import Corpus
from rnn_core.data.own.catalogue import name_for, own_names
from rnn_core.data.own.make import add, fingerprint
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.survey import look_at
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import ConfigError, DataError
from rnn_core.figures import draw
from rnn_core.files import write_json
from rnn_core.inspection.clamps import Clamp, as_clamps, read_clamped
from rnn_core.inspection.keeping_track import Tracking
from rnn_core.inspection.keeping_track import track as track_units
from rnn_core.inspection.trace import Trace
from rnn_core.inspection.trace import trace as trace_text
from rnn_core.models import model as models
from rnn_core.models.folder import HISTORY
from rnn_core.models.model import Evaluation
from rnn_core.models.model import evaluate as evaluate_on
from rnn_core.nn.threads import threads_here
from rnn_core.own_cells.class_file import equations_of_class
from rnn_core.progress import finish
from rnn_core.refusals import shown
from rnn_core.tables.table import Columns, Options
from rnn_core.tasks.task import Measure, task_of
from rnn_core.training.records import Record
from rnn_core.training.trainer import Trainer
from rnn_core.writing.text import Written, recorder, write

__all__ = ["Model", "cell", "corpus", "draw", "evaluate", "load", "trace", "track", "train"]


class Model(models.Model):
    """A model of a notebook: what it computes on a text is looked into, and it is handed on as a file.

    >>> import rnn_core as gs
    >>> gs.Model.load("reader").trace("Not bad at all.")
    <a GRU with 128 units that read 5 tokens: positive>
    """

    __slots__ = ()

    @staticmethod
    @override
    def load(place: str | Path, task: str | None = CLASSIFICATION) -> "KeptModel":
        model = models.Model.load(place, task)
        return KeptModel(**{field.name: getattr(model, field.name) for field in dataclasses.fields(model)})

    def trace(self, text: str, followed: int | None = None, layer: int | None = None) -> Trace:
        """Everything the network computed while it read a text, as `rnn_core.inspection.trace` has it."""
        return trace_text(self, text, followed, layer)

    def write(self, beginning: str = "", **how: Any) -> Written:
        """Write a text on from its beginning, as `rnn_core.writing.text.write` does.

        It takes length, temperature, top_k, top_p, seed, goes_on, beam, clamps and layer.

        >>> import rnn_core as gs
        >>> gs.load("tiny-anbn").write("aaab", length=10, temperature=0)
        aaabbb
        """
        return write(self, beginning, **how)

    def export(
        self,
        path: str | Path,
        to: str | None = None,
        *,
        beside: models.Model | str | Path | None = None,
        force: bool = False,
    ) -> tuple[str, ...]:
        """Write the model as a file or folder to hand on; returns sentences on what is inside.

        `to` is a name of `rnn_core.export.written.MODEL_FORMATS`; without one the ending of the path
        says it. `beside` is a second model, or what `load` takes, in a format that shows two. What is there
        is replaced only if `force` is true. Raises ExportError for what can't be exported so, ConfigError for
        no format, and OSError; then nothing is written.
        """
        from rnn_core.export.written import export_models  # which takes long to import

        several = [self, *([] if beside is None else [_model(beside)])]
        return export_models(several, models.place_to_write(path), to, force=force).said


class KeptModel(Model, models.KeptModel):
    """A model of a notebook that was read from a folder."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TrainedModel(Model):
    """A model that was trained just now, and what its training recorded."""

    history: Sequence[Record]
    """A record for each optimizer step and each evaluation on the validation texts."""

    @override
    def save(self, folder: str | Path, *, replace: bool = False) -> None:
        super(TrainedModel, self).save(folder, replace=replace)
        write_json(Path(folder) / HISTORY, [record.to_dict() for record in self.history])


def load(place: str | Path) -> KeptModel:
    """Read a model: a pretrained one or a run by its name, any other by its folder.

    >>> import rnn_core as gs
    >>> model = gs.load("reader")
    >>> model("Not bad at all.")
    positive (96.4%)
    """
    return Model.load(place, task=None)


def trace(
    model: models.Model | str | Path,
    text: str,
    followed: int | None = None,
    layer: int | None = None,
    *,
    clamps: str | Sequence[str | Clamp] = "",
) -> Trace:
    """Everything that a model, or the one of this name, computed while it read a text.

    `clamps` hold quantities at a value, such as "z=0@5:" or a list of these, as `rnn_core.inspection.clamps`
    writes them.

    >>> import rnn_core as gs
    >>> read = gs.trace("reader", "Not bad at all.")
    >>> read.label, read.arrays["z"].shape  # the update gate: time steps, units
    ('positive', (5, 128))
    >>> read.frame()["token"].tolist()
    ['<start>', 'not', 'bad', 'at', 'all']
    """
    model = _model(model)
    read = trace_text(model, text, followed, layer)
    return read_clamped(model, read, as_clamps(clamps))


def track(model: models.Model | str | Path, expression: str = "") -> Tracking:
    """The units of a model that keep track of what is hidden in the strings of its language, or in real text.

    `rnn_core.inspection.keeping_track` says how they are found and scored. Of real text, such as quotes,
    a regular `expression` of your own may say what is hidden, too. Raises ModelFolderError for a model that
    learned neither, DataError where its texts are gone, and ConfigError for what is no expression.

    >>> import rnn_core as gs
    >>> model = gs.train("language-parity-bits6", reviews=320, epochs=1, hidden_size=4, progress=False)
    >>> gs.track(model).frame()[["hidden", "measure", "state"]].values.tolist()
    [['parity', 'balanced accuracy', 'h']]
    """
    return finish(track_units(_model(model), expression=expression))


def cell(equations: str | Path | type, name: str = "") -> str:
    """The equations of a cell as `train` takes them, in their printed form.

    They are a text, that of a file by its path, or those of a class on torch, read out of its code in a
    process of its own: the class of a file of an own cell, `__init__(self, input_size, hidden_size)` and
    `forward(self, x, h)`. `name` is what sentences and charts call the cell. Raises EquationsError with all
    that is wrong in them and where, CellError for a name that a cell can't have, a file that can't be read,
    or a class that has no equations.

    >>> import rnn_core as gs
    >>> print(gs.cell("h' = tanh(x@W + h@U + b)", "mine"))
    # name: mine
    h' = tanh(x @ W + h @ U + b)
    >>> model = gs.train("verdict", cell=gs.cell("h' = tanh(x@W + h@U + b)", "mine"), hidden_size=8,
    ...                  reviews=320, epochs=1, progress=False)
    >>> model.name
    'mine-verdict'
    """
    if isinstance(equations, Path):
        return read_typed(equations).text
    if isinstance(equations, type):
        name = name or equations.__name__
    if name:
        check_name(name)
    text = equations_of_class(equations) if isinstance(equations, type) else equations
    return TypedCell.of(text, name).text


def train(
    data: str | Path | Corpus = "verdict",
    config: RunConfig | None = None,
    *,
    progress: bool = True,
    **settings: Any,
) -> TrainedModel:
    """Train a network on a corpus, printing a line at each evaluation unless `progress` is false.

    `data` is what `corpus` takes, or gives. The settings are those recommended for it, or those of `config`,
    but for the ones given by name; `python -m rnn_core train --help` lists them. The weights are those of the
    best evaluation. Interrupted, the training ends early. Raises ConfigError for a setting that can't be.

    >>> import rnn_core as gs
    >>> model = gs.train("verdict", cell="gru", hidden_size=8, reviews=320, epochs=1, progress=False)
    >>> model.config.model.cell, [record.kind for record in model.history][-1]
    ('gru', 'validation')
    """
    texts = data if isinstance(data, Corpus) else corpus(data)
    config = recommended_config(texts.name, texts.identity) if config is None else config
    if not isinstance(config, RunConfig):
        raise ConfigError(
            f"A configuration must be a RunConfig, such as model.config, got {shown(config)}: give settings "
            'by their names, such as cell="gru".'
        )
    config, usual = config.with_settings(**settings), config
    for name, why in changed_in_vain(config, usual).items():
        warnings.warn(f"{name} has no effect: {why}", stacklevel=2)
    history: list[Record] = []
    with threads_here(config.training.threads):
        trainer = Trainer(config, texts)
        trainer.write = recorder(config, trainer.vocabulary)
        try:
            for record in trainer:
                history.append(record)
                if progress and record.kind == "validation":
                    print(_progress_line(record, task_of(config).score))
        except KeyboardInterrupt:
            print("Interrupted: the model is as good as its training so far.")
    if progress and trainer.message:
        print(trainer.message)
    elif trainer.outcome == "diverged":
        warnings.warn(trainer.message, stacklevel=2)
    return TrainedModel(
        name=f"{typed_name(config.model.cell)}-{texts.name}",
        config=config,
        vocabulary=trainer.vocabulary,
        classifier=trainer.kept().cpu().eval(),
        history=tuple(history),
    )


def evaluate(
    model: models.Model | str | Path,
    data: str | Path | Corpus | None = None,
    part: str = "test",
    *,
    without_copies: bool = False,
    sentences: bool = False,
) -> Evaluation:
    """Score a model on a part of a corpus: "training", "validation" or "test"; without one, of its own.

    `without_copies` leaves out the texts that stand among those it learned from, too; with `sentences` it
    reads the first and the last sentence of each text. Raises DataError for a corpus of other classes.

    >>> import rnn_core as gs
    >>> model = gs.train("verdict", hidden_size=8, reviews=320, epochs=1, progress=False)
    >>> score = gs.evaluate(model, part="validation")
    >>> score.what, 0 < score.fields["accuracy"] < 1
    ('1,200 validation reviews of verdict', True)
    """
    model = _model(model)
    if data is None:
        data = load_corpus(model.config.corpus)
    texts = data if isinstance(data, Corpus) else corpus(data)
    return evaluate_on(model, texts, part, without_copies=without_copies, sentences=sentences)


def corpus(source: str | Path, *, text: str = "", label: str = "", **choices: Any) -> Corpus:
    """The texts of a corpus, by its name, or of a table of your own, a text and its class in each row.

    A table becomes a corpus of the user's own, as `python -m rnn_core data add` makes one; the columns of
    texts and classes are guessed where `text` and `label` don't name them. `choices` are those of
    `rnn_core.data.own.recipe.Recipe`. A table that was added before with the same choices is opened again.
    A text alone is a name before it is a path: a folder that is called like a corpus is `Path("verdict")`.
    Raises DataError.

    >>> import rnn_core as gs
    >>> reviews = gs.corpus("verdict")
    >>> reviews.classes, len(reviews)
    (('negative', 'positive'), 14400)
    """
    if not isinstance(source, str | Path):
        raise DataError(
            "A corpus is given by its name or by the path of a table, such as 'texts.csv', got a "
            f"{type(source).__name__}: write it into a file first."
        )
    path = Path(source)
    if isinstance(source, str) and not (text or label or choices):
        is_known = False
        with contextlib.suppress(DataError):  # no corpus can be called that
            is_known = corpus_named(source).is_shipped or source in own_names()
        if is_known:
            return load_corpus(source)
    if not path.exists():
        if path.suffix:  # which no name of a corpus has
            raise DataError(f"There is no file {shown(str(source))}.")
        return load_corpus(str(source))
    known = {field.name for field in dataclasses.fields(Recipe)} - {"source", "sha256", "bytes", "uploaded"}
    if unknown := choices.keys() - known:
        raise DataError(f"A corpus has no choice called {', '.join(map(shown, sorted(unknown)))}.")
    options = {field.name: choices.pop(field.name, "") for field in dataclasses.fields(Options)}
    look = finish(look_at(str(path.absolute()), Options(**options)))
    given = Columns(text, label, choices.pop("split", ""))
    recipe = look.recipe(path, given, "{}=", **choices)
    sha256, size = finish(fingerprint(recipe.table()))
    mark = dataclasses.replace(recipe, sha256=sha256, bytes=size).mark
    name = next((name for name in own_names() if corpus_named(name).mark() == mark), None)
    if name is None:
        name = name_for(path.name)
        finish(add(name, recipe))
    return load_corpus(name)


def _model(model: models.Model | str | Path) -> models.Model:
    return model if isinstance(model, models.Model) else load(model)


def _progress_line(record: Record, score: Measure) -> str:
    said = f"{score.name} {record.score:{score.number}}"
    loss = "not a finite number" if record.loss is None else f"{record.loss:.3f}"
    time = f"{record.seconds:,.0f} s" + (
        f", {record.seconds_left:,.0f} s left" if record.seconds_left else ""
    )
    return f"epoch {record.epoch:.2f}: {said}, loss {loss} on the validation texts ({time})"
