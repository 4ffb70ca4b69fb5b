"""The benchmarks: what that of the app makes of what a browser saw; sweeps and sentences train on
small corpora, a class is graded, and runs that are kept make a figure together; nothing is left behind.
"""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from benchmarks import bench, own_texts, pictures
from benchmarks import sweep as sweep_bench
from benchmarks.__main__ import main
from benchmarks.app import browser, exported_page, language_page, read_page
from benchmarks.app.browser import Frame, Message, Watched, own_artifacts
from benchmarks.app.own_cell_page import GRU, LSTM
from benchmarks.app.read_page import AfterKey, answer, endings, long_text
from benchmarks.app.train_page import shows_colour, ticks
from benchmarks.bench import Measurement
from benchmarks.grade import measure_grading, write_class
from benchmarks.own_texts import drawn_texts, last_sentence, measure_sentences, sentences_of
from rnn_core.bench.compared import percentile
from rnn_core.config.corpora import corpus_named, offered_names, shipped_names
from rnn_core.config.presets import COUNTING
from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.own.make import add
from rnn_core.data.sources import load_corpus
from rnn_core.errors import BenchError
from rnn_core.export.html import network_data
from rnn_core.export.page_file import html_json
from rnn_core.figures.text import percent
from rnn_core.files import FormatError
from rnn_core.grading import graded
from rnn_core.grading.class_folder import read_class
from rnn_core.inspection.trace import trace
from rnn_core.models.catalogue import find_model
from rnn_core.models.model import Model
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.results import all_results
from tests.export.page.node import NODE, needs_node
from tests.export.page.sample import stored
from tests.grading.handed_in import FILE_NAMES, Scripted
from tests.own import QUICK
from tests.untrained import untrained

BLUE = "#0072B2"
ZOOM = (1.0, 5.0)


def picture(*lines):
    """A PNG of a white chart with a frame and these (colour, width) lines."""
    image = Image.new("RGB", (120, 60), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 10, 110, 50), outline="#E3E8EE")
    for colour, width in lines:
        draw.line((10, 12, 110, 48), fill=colour, width=width)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_a_picture_without_the_curves_colour_is_empty():
    assert shows_colour(picture((BLUE, 2)), BLUE)
    assert shows_colour(picture(("#0A7AB8", 1)), BLUE)  # blended with what is behind it
    assert not shows_colour(picture(), BLUE)
    assert not shows_colour(picture(("#BFDCEC", 1)), BLUE)  # the raw values, faint behind the curve
    assert not shows_colour(picture(("#D55E00", 2)), BLUE)


def test_nine_in_ten_are_below_the_90th_percentile():
    assert (percentile(range(1, 41), 0.9), percentile([7.0], 0.9)) == (36, 7.0)


def test_a_tick_is_all_that_came_before_the_next_chart():
    received = [
        Message(-900.0, 9_999, "curve_loss"),
        Message(100.0, 3_000, "curve_loss"),
        Message(110.0, 2_000, "curve_accuracy"),
        Message(1_090.0, 100, ""),
        Message(1_100.0, 4_000, "curve_loss"),
        Message(2_100.0, 5_000, "curve_loss"),
    ]
    for second, is_kept in ((ZOOM, True), ((0.0, 20.0), False)):
        frames = [Frame(1_000.0 * n + 50, True, zoom) for n, zoom in enumerate((ZOOM, second, ZOOM))]
        seen = ticks(Watched(received, frames, [], 2.0), "curve_loss")
        assert [(tick.bytes(), tick.bytes(of_charts=True)) for tick in seen] == [(5_100, 5_000), (4_000,) * 2]
        assert [all(frame.range == ZOOM for frame in tick.frames) for tick in seen] == [is_kept, True]


@pytest.fixture
def model(monkeypatch):
    """The committed network that is measured."""
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    return Model.load(find_model(read_page.MODEL))


def test_every_key_on_a_long_review_changes_the_verdict(model):
    """Written as a page writes it; the review fills the window."""
    text, shown = long_text(), []
    read = trace(model, text)
    assert len(read.logits) == read_page.TOKENS == len(read.review.tokens)
    assert model.config.model.hidden_size == 128
    for word in endings():
        for typed in (f"{text} {word[:-1]}", text := f"{text} {word}"):
            p = trace(model, typed).probability
            shown.append((percent(max(p, 1 - p)), p > 0.5))
    assert all(before != after for before, after in zip(shown[::2], shown[1::2], strict=True))


RECEIVED = [Message(310.0, 1_000, ""), Message(420.0, 300_000, "reading"), Message(450.0, 500, "")]


def test_an_answer_is_all_that_came_after_the_key():
    assert answer(480.0, RECEIVED) == AfterKey(came=420.0, stood=480.0, bytes=301_500)
    again = [Message(700.0, 2_000, "reading"), Message(710.0, 44, "")]
    assert answer(480.0, [*RECEIVED, *again]) == AfterKey(came=700.0, stood=710.0, bytes=303_544)

    with pytest.raises(BenchError, match="without its chart"):
        answer(480.0, [RECEIVED[0]])


@needs_node
def test_an_exported_page_reads_without_drawing(model):
    data = html_json(network_data(model, stored(model)))
    script = f"var window = globalThis;\n{exported_page.script(model)}\nprepare({json.dumps(data)})"
    read = f"console.log(readWhole({json.dumps(long_text())}) > 0)"
    done = subprocess.run([NODE, "-"], input=f"{script}\n{read}", capture_output=True, text=True, check=True)
    assert done.stdout == "true\n"


def test_the_table_says_which_promise_is_not_kept():
    figures = [
        Measurement(what="met", measured=150.0, unit="ms", at_most=150),
        Measurement(what="missed", measured=150.4, unit="ms", at_most=150),
        Measurement(what="counted", measured=1, unit="of 30", at_most=0),
        Measurement(what="no promise", measured=1.234, unit="s"),
    ]
    lines = bench.table(figures, "a machine").splitlines()
    assert lines[2:] == [
        "| met | **150 ms** | at most 150 ms |",
        "| missed | **150 ms** (over) | at most 150 ms |",
        "| counted | **1 of 30** (over) | at most 0 |",
        "| no promise | **1.23 s** |  |",
        "",
        "Measured on: a machine.",
    ]
    assert len({line.count("|") for line in lines[:6]}) == 1


def test_a_figure_for_machines_says_if_it_is_kept():
    written = Measurement(what="clicks", measured=151.23456, unit="ms", at_most=150).to_dict()
    assert written == {"what": "clicks", "measured": 151.235, "unit": "ms", "at_most": 150}
    unpromised = {"what": "start-up", "measured": 2, "unit": "s"}
    assert Measurement(**unpromised).to_dict() == unpromised


def test_without_a_browser_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # as many threads as the process goes on with
    monkeypatch.setattr(browser.shutil, "which", lambda command: None)
    result = CliRunner().invoke(main, ["app"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Install Chromium" in result.stderr
    monkeypatch.setattr(browser.shutil, "which", lambda command: command)
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(BenchError, match="requirements-dev"):
        browser.find_chromium()


def test_the_runs_of_the_benchmark_are_not_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path))
    (tmp_path / "pretrained" / "one").mkdir(parents=True)
    (tmp_path / "runs").mkdir()
    with own_artifacts() as folder:
        assert os.environ["GATESCOPE_ARTIFACTS"] == str(folder) != str(tmp_path)
        assert (folder / "pretrained" / "one").is_dir()
        assert not (folder / "runs").exists()
    assert os.environ["GATESCOPE_ARTIFACTS"] == str(tmp_path)
    assert not folder.exists()


def test_the_preset_reads_all_measured_symbols(monkeypatch, tmp_path):
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path))
    language_page.keep_reader(untrained(COUNTING.config))
    read = trace(Model.load(find_model(language_page.READER), task=None), language_page.string())
    assert len(read.logits) == len(read.review.window) == language_page.SYMBOLS + 1


@pytest.mark.parametrize("task", [GRU, LSTM])
def test_every_other_save_has_the_mistake(task):
    assert task.right in task.exercise.solution
    sources = [task.source(number) for number in range(4)]
    assert len(set(sources)) == 4
    assert [task.wrong in source for source in sources] == [True, False, True, False]
    assert task.is_answered(0) != task.is_answered(1) == task.is_answered(3)


@pytest.mark.slow
def test_a_sweep_is_measured_beside_its_own_run(with_corpus, monkeypatch):
    asked = []

    def here(sweep, store, workers):
        """All runs in this process: those of two are tested in tests/sweeps/test_engine.py."""
        asked.append((len(sweep), workers))
        return run_sweep(sweep, store)

    monkeypatch.setattr(sweep_bench, "run_sweep", here)
    monkeypatch.setattr(sweep_bench, "recommended_config", lambda data: QUICK)
    measured = list(sweep_bench.measure_sweep("verdict"))
    assert asked == [(1, 1), (2, 2)]
    assert [(one.unit, one.at_most) for one in measured] == [("s", None), ("%", 3.0), ("times", 1.15)]
    assert all(one.measured > 0 for one in measured)
    assert all_results() == []
    assert Store().runs.all() == []


@pytest.fixture
def reviews():
    """300 reviews in the place of IMDB's."""
    said = "Here is film {0}. In the end it is {1}, says viewer {0}."
    texts = [
        Text(said.format(n, ("bad", "good")[n % 2]), n % 2, "training" if n % 5 else "test")
        for n in range(300)
    ]
    list(build_corpus("imdb", texts, corpus_named("imdb").folder, len(texts)))
    return load_corpus("imdb")


def test_a_million_texts_have_a_word_of_their_class():
    texts = [*drawn_texts(30)]
    assert [name for _, name in texts[:4]] == ["red", "green", "blue", "red"]
    assert all(
        len(text.split()) == 50 and sum(name in word for word in text.split()) == 1 for text, name in texts
    )


def test_the_last_sentence_says_something():
    last = {
        "One. It was far too long.": "It was far too long.",
        "It was far too long!<br /><br />Avoid it.": "It was far too long!",
        "It was far too long. 3/10 ": "It was far too long.",
        "Bad. Bad.": "Bad. Bad.",
    }
    assert {review: last_sentence(review) for review in last} == last


def test_sentences_are_those_of_training_reviews(reviews):
    some, more = sentences_of(reviews, 20), sentences_of(reviews, 60)
    assert more[:20] == some
    assert [label for _, label in some].count("positive") == 10
    training = {last_sentence(reviews.text(row)) for row in reviews.indices("training")}
    assert {text for text, _ in more} <= training


@pytest.mark.slow
def test_networks_and_nb_svm_are_scored_alike(reviews, monkeypatch):
    monkeypatch.setattr(own_texts, "add_apart", add)
    monkeypatch.setattr(own_texts, "_HELD_OUT", 40)
    monkeypatch.setattr(own_texts, "_PROMISED", 100)
    measured = list(measure_sentences([60, 120], [0]))
    assert len(measured) == 2 * 2 * 3
    for counted, reached, ahead in zip(measured[::3], measured[1::3], measured[2::3], strict=True):
        assert ahead.measured == pytest.approx(counted.measured - reached.measured)
        assert counted.measured == 100  # one word decides
    assert [one.at_most for one in measured[2::3]] == [None, None, 1.0, 1.0]
    assert offered_names() == shipped_names()


def test_a_class_hands_in_tasks_with_some_mistakes(tmp_path):
    write_class(tmp_path, 8, 2)
    students = read_class(tmp_path, FILE_NAMES).students
    assert [list(student.files) for student in students] == [list(FILE_NAMES)] * 8
    sources = [student.files["4"].source for student in students]
    assert ["while True" in source for source in sources] == [True] * 2 + [False] * 6
    assert len(set(sources)) == 8


def test_a_class_is_timed_beside_what_was_promised(monkeypatch):
    monkeypatch.setattr(graded, "new_checker", Scripted)
    measured = list(measure_grading(3, 1))
    assert [one.unit for one in measured] == ["s", "s", "s", "of 21"]
    assert [one.at_most for one in measured] == [240.0, None, None, None]
    assert measured[-1].measured == 21


DOCUMENT = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text()


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.jsonl")


def of_click(measured, **bound):
    return Measurement(what="a click", measured=measured, unit="ms", **bound)


def test_a_row_has_median_range_and_days(empty):
    for machine, measured in (("one", 160), ("one", 120), ("two", 150)):
        bench.keep("app", [of_click(measured, at_most=140)], machine)
    assert bench.kept_table("app").splitlines()[-1] == (
        "| a click | **150 ms** (over) | 120 to 160 ms | 2, too few | at most 140 ms |"
    )
    bench.keep("app", [of_click(121, at_least=150)], "three")
    bench.keep("sweep", [of_click(1)], "one")
    assert bench.kept_table("app").splitlines()[-1] == (
        "| a click | **136 ms** (short) | 120 to 160 ms | 3 | at least 150 ms |"
    )
    assert bench.benches() == ["app", "sweep"]
    assert [run["machine"] for run in bench.kept_runs()] == ["one", "one", "two", "three", "one"]


@pytest.fixture
def made_up():
    """A bench that registers itself."""

    @bench.bench("made-up", click.option("--least", default=1, help="The first time."))
    def measure(least):
        """Time nothing at all."""
        yield from (of_click(ms) for ms in (least, least + 1))

    yield
    del main.commands["made-up"]


def test_a_made_up_bench_is_printed_and_kept(empty, made_up):
    bench.RESULTS.touch()
    for words, count in (([], 0), (["--keep", "--least", "4"], 1)):
        assert CliRunner().invoke(main, ["made-up", *words]).exit_code == 0
        runs = [(run["bench"], [one.measured for one in run["measured"]]) for run in bench.kept_runs()]
        assert runs == [("made-up", [4, 5])] * count
    assert bench.kept_table("made-up") in CliRunner().invoke(main, ["table"]).output
    printed = json.loads(CliRunner().invoke(main, ["made-up", "--json"]).stdout)
    assert [(one["what"], one["measured"]) for one in printed] == [("a click", 1), ("a click", 2)]
    assert "Time nothing at all." in CliRunner().invoke(main, ["--help"]).output


def test_a_moving_picture_stands_as_long_as_it_was_seen(tmp_path):
    frames = [
        pictures.Frame(picture((colour, 9)), stands)
        for colour, stands in ((BLUE, 140), ("#D55E00", 1_400), (BLUE, 450))
    ]
    pictures.write_moving(frames, tmp_path / "page.webp")
    with Image.open(tmp_path / "page.webp") as moving:
        stood = []
        for number in range(moving.n_frames):
            moving.seek(number)
            moving.load()
            stood.append(moving.info["duration"])
        assert (moving.size, stood) == ((960, 600), [140, 1_400, 450])


def test_a_damaged_line_is_refused(empty):
    bench.RESULTS.write_text('{"bench": "app"}\n')
    with pytest.raises(FormatError, match="it must have date"):
        bench.kept_runs()


@pytest.mark.parametrize("name", bench.benches())
def test_the_document_has_the_table_of_kept_runs(name):
    assert f"\n\n{bench.kept_table(name)}" in DOCUMENT
