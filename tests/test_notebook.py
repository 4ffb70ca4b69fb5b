"""The front door: a few names that need no other import and cost none until they are used."""

import ast
import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
import torch
from torch import nn, tanh

import rnn_core as gs
from rnn_core.config.tasks import TASKS
from rnn_core.data.own.catalogue import own_names
from rnn_core.errors import CellError, ConfigError, DataError, ModelFolderError
from rnn_core.inspection.clamps import Clamp
from rnn_core.paths import pretrained_folder
from rnn_core.symbols import CELLS
from rnn_core.training.learner import DivergedError
from rnn_core.training.records import read_history
from rnn_core.training.trainer import Trainer
from tests.cell_files.sources import JANET, PLAIN, checked
from tests.export.test_notebook_file import run_cell
from tests.pages.everywhere import registered
from tests.tasks.token_classes import TOKEN_CLASSES

PROJECT = Path(__file__).parents[1]
TINY = {"hidden_size": 4, "epochs": 1, "progress": False}
ODD = (None, 3, [1], {"a": 1})
FIGURES = (gs.draw.verdict, gs.draw.inside, gs.draw.gates, gs.draw.states, gs.draw.units)
WORDS = {"printer": "hardware", "refund": "money"}


@pytest.fixture
def reader():
    """The model `reader` among those that the test finds."""
    pretrained_folder().mkdir(parents=True)
    (pretrained_folder() / "reader").symlink_to(PROJECT / "artifacts" / "pretrained" / "reader")
    return gs.load("reader")


def assert_kept(model, folder):
    """A model that is saved says the same when it is loaded."""
    model.save(folder)
    says = [one.probabilities(["a film"]) for one in (model, gs.load(folder))]
    assert says[0] == pytest.approx(says[1], abs=1e-6)


def test_equations_are_trained_as_they_are_written(tiny_corpus, tmp_path):
    cell = gs.cell(JANET, "mine")
    model = gs.train(tiny_corpus, cell=cell, **TINY)
    assert (model.name, model.config.model.cell) == (f"mine-{tiny_corpus.name}", cell)
    assert "a mine with 4 units" in repr(model)
    assert_kept(model, tmp_path / "kept")
    (tmp_path / "mine.txt").write_text(JANET)
    assert gs.cell(tmp_path / "mine.txt") == cell
    with pytest.raises(
        ConfigError, match=r"^Line 1, column 6: tnh is no function here: did you mean tanh\?$"
    ):
        gs.cell("h' = tnh(x @ W)")
    with pytest.raises(CellError, match="already a cell called gru"):
        gs.cell(JANET, "gru")


class Leaky(nn.Module):
    """A cell as a notebook defines it, with what stands beside it there."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.rand(input_size, hidden_size) - HALF)
        self.U = nn.Parameter(torch.eye(hidden_size))

    def forward(self, x, h):
        return half_of(h) + half_of(gs.see("n", tanh(x @ self.W + h @ self.U)))


class Sorted(Leaky):
    def forward(self, x, h):
        return torch.sort(x @ self.W + h).values


HALF = 0.5


def half_of(values):
    return HALF * values


@pytest.mark.slow
def test_a_class_is_trained_as_its_equations():
    lines = "n = tanh(x @ W + h @ U)", "h' = h / 2 + n / 2", "W ~ uniform(-0.5, 0.5)", "U ~ identity"
    said = "\n".join(["# name: Leaky", *lines])
    assert gs.cell(Leaky) == said
    assert gs.cell(Leaky, "mine") == said.replace("Leaky", "mine")
    with pytest.raises(CellError, match=r"^Sorted.*sort"):
        gs.cell(Sorted)
    with pytest.raises(CellError, match="write it into a cell of a notebook"):
        gs.cell(type("Typed", (nn.Module,), {}))


def test_a_file_of_an_own_cell_is_trained_by_its_name(tiny_corpus, tmp_path):
    checked("leaky")
    model = gs.train(tiny_corpus, cell="leaky", **TINY)
    assert 0 <= gs.evaluate(model, tiny_corpus, "validation").fields["accuracy"] <= 1
    assert_kept(model, tmp_path / "kept")
    assert (tmp_path / "kept" / "cell.py").read_text() == PLAIN


@pytest.fixture
def table(tmp_path, monkeypatch):
    """The path of a table with two classes that a word tells apart, in the folder where the test is."""
    monkeypatch.chdir(tmp_path)
    words = enumerate([*WORDS] * 60)
    rows = [f"ticket {number}: the {word} is late again,{WORDS[word]}" for number, word in words]
    Path("tickets.csv").write_text("\n".join(["text,class", *rows]))
    return Path("tickets.csv")


def test_importing_the_package_loads_no_torch():
    program = "import sys, rnn_core; dir(rnn_core); print({'torch', 'plotly', 'pandas'} & {*sys.modules})"
    assert subprocess.check_output([sys.executable, "-c", program], cwd=PROJECT, text=True) == "set()\n"


def test_its_names_are_few_and_have_examples():
    """An editor finds them, although they are loaded lazily."""
    modules = {path.stem for path in (PROJECT / "rnn_core").iterdir()}
    assert len(gs.__all__) == 10
    assert modules.isdisjoint(gs.__all__)
    assert set(gs.__all__) <= set(dir(gs))
    for name in gs.__all__:
        assert ">>> " in getattr(gs, name).__doc__, name
    tree = ast.walk(ast.parse((PROJECT / "rnn_core" / "__init__.py").read_text()))
    assert set(gs.__all__) <= {name.name for node in tree for name in getattr(node, "names", ())}
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = gs.lode


def test_training_ends_with_a_model_and_its_history(tiny_corpus, tmp_path, capsys):
    model = gs.train(tiny_corpus, cell="lstm", hidden_size=4, epochs=2)
    lines = capsys.readouterr().out.splitlines()
    evaluations = [record for record in model.history if record.kind == "validation"]
    assert len(lines) == len(evaluations) > 0
    assert f"accuracy {evaluations[-1].accuracy:.1%}, loss" in lines[-1]
    model.save(tmp_path / "mine")
    loaded = gs.load(tmp_path / "mine")
    assert loaded("a good dog") == model("a good dog")
    assert read_history(loaded.folder, "lstm") == list(model.history)


def test_settings_by_name_go_before_a_configuration(tiny_corpus):
    first = gs.train(tiny_corpus, cell="elman", **TINY)
    again = gs.train(tiny_corpus, first.config, hidden_size=3, progress=False)
    assert again.config == first.config.with_settings(hidden_size=3)


def test_an_interrupted_training_keeps_what_it_learned(tiny_corpus, monkeypatch, capsys):
    def interrupt(record, score):
        raise KeyboardInterrupt

    monkeypatch.setattr("rnn_core.notebook._progress_line", interrupt)
    model = gs.train(tiny_corpus, hidden_size=4, epochs=50)
    assert 0 < model.history[-1].epoch <= 1
    assert "Interrupted" in capsys.readouterr().out
    assert model("good").label in model.config.classes


def test_without_progress_it_warns_of_a_divergence(tiny_corpus, monkeypatch):
    def diverge(trainer):
        raise DivergedError("Diverged at optimizer step 1: the loss was nan.")

    monkeypatch.setattr(Trainer, "_records", diverge)
    with pytest.warns(UserWarning, match="Diverged at optimizer step 1"):
        gs.train(tiny_corpus, **TINY)


def test_a_model_is_scored_on_its_own_corpus(tiny_corpus, table):
    model = gs.train(tiny_corpus, **TINY)
    found = gs.evaluate(model, tiny_corpus)
    assert str(found) == f"accuracy {found.fields['accuracy']:.2%} on 20 test texts of made"
    evaluations = {record.accuracy for record in model.history if record.kind == "validation"}
    assert gs.evaluate(model, tiny_corpus, "validation").fields["accuracy"] in evaluations
    with pytest.raises(DataError, match="another corpus"):
        gs.evaluate(model, table)


def test_another_task_has_a_measure_of_its_own(tiny_corpus, tmp_path, capsys):
    with registered(TASKS, "token classes", TOKEN_CLASSES):
        config = dataclasses.replace(gs.train(tiny_corpus, **TINY).config, task="token classes")
        model = gs.train(tiny_corpus, config)
        assert "bits per word 1." in capsys.readouterr().out
        found = gs.evaluate(model, tiny_corpus)
        assert str(found).startswith("bits per word 1.")
        model.save(tmp_path / "tm")
        assert gs.evaluate(tmp_path / "tm", tiny_corpus).fields == found.fields
        for ask in (model, model.trace, gs.load(tmp_path / "tm"), lambda text: model.probabilities([text])):
            with pytest.raises(ModelFolderError, match="was trained for the class of each word"):
                ask("a good dog")


def test_a_table_is_a_corpus_once(table):
    first, second = gs.corpus("tickets.csv"), gs.corpus(table)
    assert first.classes == ("hardware", "money")
    assert (own_names(), second.name) == (["tickets"], "tickets")
    other = gs.corpus(table, merges=[("money", "cash")])
    assert (other.name, other.classes) == ("tickets-2", ("cash", "hardware"))


def test_a_delimiter_guessed_wrong_can_be_given(table):
    table.write_text(table.read_text().replace(",", ";"))
    assert gs.corpus(table, delimiter=";").classes == ("hardware", "money")
    with pytest.raises(DataError, match="no choice called 'foo'"):
        gs.corpus(table, foo=3)


def test_the_name_of_a_corpus_goes_before_a_folder(table, with_corpus):
    about = gs.train(table, **TINY)
    for name in ("tickets", "verdict"):
        Path(name).mkdir()
        assert gs.corpus(name).name == name
        with pytest.raises(DataError):
            gs.corpus(Path(name))
    assert gs.evaluate(about).data == "tickets"


def test_columns_that_nothing_sets_apart_are_refused(table):
    table.write_text("a,b\n1,2\n3,4\n")
    with pytest.raises(DataError, match=r"the one with the classes. Name it with label="):
        gs.corpus(table)


def test_a_text_is_traced_by_the_name_of_a_model(reader):
    read = gs.trace("reader", "Not bad at all.")
    frame = read.frame()
    assert frame["token"].tolist() == list(read.review.window)
    assert frame["probability"].tolist() == pytest.approx(read.probabilities.tolist())
    assert {"norm_h", "z_mean", "turned_to"} <= set(frame)
    assert repr(read) == "<a GRU with 128 units that read 5 tokens: positive>"


def test_a_quantity_is_held_by_a_clamp(reader):
    held = gs.trace(reader, "Not bad at all.", clamps=["z=0@2:", Clamp(letter="r", value=1.0)])
    assert (gs.trace(reader, "Not bad at all.", clamps="z=0@2: r=1").answers == held.answers).all()
    assert (held.arrays["z"][2:] == 0).all()
    assert (held.arrays["r"] == 1).all()


def test_units_that_keep_track_are_a_table():
    found = gs.track(gs.train("language-anbn-n12", reviews=400, **TINY))
    assert found.frame()["hidden"].tolist() == ["a so far", "b to come"]
    assert str(found.frame()) in repr(found)


@pytest.mark.parametrize("settings", [{}, {"cell": "elman"}, {"cell": "lstm", "readout": "attention"}])
def test_every_figure_of_a_text_has_something(settings, tiny_corpus):
    model = gs.train(tiny_corpus, **TINY, **settings)
    read = model.trace("the good dog goes home")
    for draw in FIGURES:
        assert len(draw(read).data) > 0, draw
    assert len(gs.draw.contributions(model, read).data) > 0
    assert len(gs.draw.learning(model.history, "accuracy").data) > 0


def test_an_odd_argument_is_answered_in_a_sentence(tiny_corpus):
    model, other = gs.train(tiny_corpus, **TINY), gs.train(tiny_corpus, seed=1, **TINY)
    read, frame = model.trace("the good dog"), pd.DataFrame({"text": ["good"]})
    held = gs.trace(model, "the good dog", clamps="z=0")
    for odd, sentence in (
        (lambda: model(None), "A text must be a str, .* got None"),
        (lambda: model.probabilities(["good", 3.5]), "A text must be a str, .* got 3.5"),
        (lambda: model.probabilities(None), "Give a list of texts"),
        (lambda: model.trace(None), "A text must be a str"),
        (lambda: gs.trace(model, "good", clamps="z"), "written as LETTER=VALUE"),
        (lambda: gs.trace(model, "good", layer="top"), "The layer must be between 1 and 1, got 'top'"),
        (lambda: gs.load(None), "A model is read by its name or the path of its folder, got None"),
        (lambda: gs.trace(None, "good"), "A model is read by its name"),
        (lambda: gs.evaluate(7), "A model is read by its name .* got 7"),
        (lambda: gs.evaluate(model, tiny_corpus, "tset"), "one of training, validation, test, got 'tset'"),
        (lambda: gs.train(tiny_corpus, sell="gru"), "sell"),
        (lambda: gs.corpus("nowhere.csv"), r"no file 'nowhere\.csv'"),
        (lambda: gs.corpus("nowhere"), "no corpus 'nowhere'"),
        (lambda: gs.corpus(frame), "by its name or by the path of a table, .* got a DataFrame: write it"),
        (lambda: gs.train(frame), "by its name or by the path of a table"),
        (lambda: gs.train(tiny_corpus, {"cell": "gru"}), r"must be a RunConfig, .* got {'cell': 'gru'}"),
        (lambda: gs.draw.units(read, "zz"), "There is no 'zz' in a GRU: choose one of z, r, n, h"),
        (lambda: gs.draw.inside(read, None), "There is no None in a GRU"),
        (lambda: gs.draw.contributions(other, read), "another one has read the text, or something was held"),
        (lambda: gs.draw.contributions(model, held), "another one has read the text, or something was held"),
        (lambda: gs.draw.contributions("reader", read), "such as gs.load gives, .* got 'reader'"),
        *((lambda odd=odd: gs.trace(model, "good", clamps=odd), "Clamps must be a text") for odd in ODD),
        *((lambda odd=odd: model.save(odd), "A model is written to a path") for odd in ODD),
        *((lambda odd=odd: model.export(odd), "A model is written to a path") for odd in ODD),
        *((lambda odd=odd, draw=draw: draw(odd), "A figure is drawn") for draw in FIGURES for odd in ODD),
        (lambda: gs.draw.units(read, ["z"]), r"There is no \['z'\] in a GRU"),
        (lambda: gs.draw.units(read, theme="dark"), "The theme of a figure is LIGHT or DARK .* got 'dark'"),
        (lambda: gs.draw.learning(model), "A training is drawn of its records, such as model.history"),
        (lambda: gs.draw.learning(model.history, "los"), "no measure 'los' of a training"),
    ):
        with pytest.raises((ConfigError, DataError), match=sentence):
            odd()


def test_of_many_models_the_nearest_are_named():
    for name in (*(f"distance-{number}" for number in range(20)), "reader"):
        (pretrained_folder() / name).mkdir(parents=True)
        (pretrained_folder() / name / "config.json").touch()
    with pytest.raises(ModelFolderError, match=r"'raeder'\. There are: reader, .* and 13 more"):
        gs.load("raeder")


def cells(document):
    text = (PROJECT / document).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown."""
    figures = []
    monkeypatch.setattr(go.Figure, "show", lambda figure: figures.append(figure))
    return figures


def test_the_tour_runs_cell_by_cell(reader, table, shown, with_corpus, monkeypatch, capsys):
    monkeypatch.setattr(CELLS, "_values", dict(CELLS))  # what the tour registers is taken out again
    names = {}
    tour = cells("docs/notebook.md")
    assert len(tour) == 10
    answer, probabilities, frame, arrays, *rest = [run_cell(cell, names) for cell in tour]
    assert str(answer).startswith("positive (9")
    assert probabilities.argmax(axis=1).tolist() == [1, 0]
    assert isinstance(frame, pd.DataFrame)
    assert arrays[0] == (len(frame), 128)
    assert len(shown) == 7
    assert "on 1,200 validation reviews of verdict" in capsys.readouterr().out
    assert rest[4][1] == ("hardware", "money")


def test_the_notebook_in_the_readme_is_short_and_runs(reader, shown, with_corpus, capsys):
    [code] = cells("README.md")
    first, *program = [line for line in code.splitlines() if line]
    assert first == "import rnn_core as gs"
    assert len(program) <= 8
    run_cell(code.replace("epochs=2", "epochs=1, hidden_size=4, reviews=320"), {})
    [figure] = shown
    assert len(figure.data[0].x) >= 8  # a point for each word
    said = capsys.readouterr().out
    assert said.startswith("positive (9")
    assert "test reviews of verdict" in said
