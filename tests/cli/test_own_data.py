"""`data add`, `list`, `show`, `remove`, and a corpus of one's own in every command that takes --data."""

import csv
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from rnn_core.cli import main, output
from rnn_core.config.corpora import shipped_names
from rnn_core.config.tokens import TokenRules
from rnn_core.data.own import process
from rnn_core.data.own.catalogue import own_names, recipe_of
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.sources import recommended_config
from rnn_core.progress import Progress
from rnn_core.runs.store import Store
from tests.own import ask_here

TINY = (
    "--hidden-size 4 --embedding-size 3 --batch-size 32 --epochs 1 --threads 1 --evaluations-per-epoch 1"
).split()


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """Tables are read without a process of their own, which tests/data/own/test_process.py is about."""
    monkeypatch.setattr(process, "ask", ask_here)


def call(*words):
    return CliRunner().invoke(main, list(words))


def add(path, name, *words):
    return call("data", "add", str(path), "--name", name, *words)


def said(*words):
    """The answer for machines."""
    return json.loads(call(*words, "--json").stdout)


@pytest.fixture
def file(tmp_path):
    """Short messages of two kinds, with their authors."""
    path = tmp_path / "messages.csv"
    ways = ("never came", "late"), ("came soon", "fine")
    rows = [(f"the parcel {ways[i % 2][0]} number {i}", ways[i % 2][1], f"p{i // 4}") for i in range(160)]
    rows += [("", "late", ""), ("twice", "late", "")]
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([("message", "mood", "person"), *rows])
    return path


@pytest.fixture
def messages(file):
    done = add(file, "messages", "--group", "person", "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_add_says_what_became_of_each_row_and_which_columns_it_guessed(file):
    done = add(file, "messages")
    assert done.exit_code == 0
    assert "Texts from column 'message', classes from column 'mood'" in done.stderr
    assert "messages: 161 texts in 2 classes, of 162 rows" in done.stdout
    assert "Rows left out: 1 without a text" in done.stdout
    assert "train --data messages" in done.stdout


def test_every_number_of_an_adding_has_its_name_as_those_of_show_have(messages):
    shown = said("data", "show", "messages")
    for name in ("left_out", "lengths", "classes"):
        assert messages[name] == shown[name]
    assert messages["left_out"]["empty"] == 1
    assert messages["found"] == {"contradictory": 0, "duplicates": 0, "across_splits": 0}
    assert messages["small"] == {}


def test_texts_of_a_small_class_are_not_called_small_classes(file):
    with file.open("a") as out:
        out.write("".join(f"lost for good {number},lost,\n" for number in range(4)))
    done = add(file, "messages")
    assert "Rows left out: 1 without a text; 4 of a class with fewer than 10 texts" in done.stdout
    assert "Small classes: lost (4)" in done.stdout


def test_a_corpus_stays_while_a_run_waits_to_train_on_it(messages):
    run = Store().create(recommended_config("messages"))
    refused = call("data", "remove", "messages")
    assert refused.exit_code == 1
    assert f"run {run.id} waits to train on it. Stop it or let it end" in " ".join(refused.stderr.split())
    assert own_names() == ["messages"]
    call("runs", "stop", run.id)
    assert call("data", "remove", "messages").exit_code == 0


def test_a_dry_run_says_what_would_be_kept_and_keeps_nothing(file):
    dry = add(file, "messages", "--group", "person", "--dry-run")
    assert dry.exit_code == 0, dry.stderr
    assert "Nothing was kept" in dry.stdout
    assert own_names() == []
    done = add(file, "messages", "--group", "person")
    assert dry.stdout.splitlines()[:-1] == done.stdout.splitlines()[:-1]
    shown = call("data", "show", "messages").stdout.splitlines()
    table = [line for line in dry.stdout.splitlines() if line.startswith(("fine", "late", "    "))]
    assert len(table) == 4
    assert set(table) <= set(shown)
    assert "1 of 162 rows have no text (0.6%)" in dry.stdout


def test_a_dry_run_of_what_makes_no_corpus_says_why(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("text,label\n" + "".join(f"a text {number},same\n" for number in range(30)))
    dry = add(path, "one", "--text", "text", "--label", "label", "--dry-run")
    assert dry.exit_code == 1
    assert "a network needs two classes at least" in dry.stderr


def test_the_recipe_is_what_was_asked_for(file):
    words = (
        "--text message --label mood --group person --merge late=slow --test-share 0.3 --seed 5 "
        "--no-lowercase --accents strip --encoding utf-8 --duplicates keep-all --contradictory keep-first "
        "--small-classes join --across-splits keep-all"
    ).split()
    assert add(file, "m", *words).exit_code == 0
    assert replace(recipe_of("m"), sha256="", bytes=0) == Recipe(
        source=str(file),
        delimiter=",",
        text="message",
        label="mood",
        group="person",
        merges=(("late", "slow"),),
        test_share=0.3,
        seed=5,
        tokens=TokenRules(lowercase=False, accents="strip"),
        encoding="utf-8",
        duplicates="keep-all",
        contradictory="keep-first",
        small_classes="join",
        across_splits="keep-all",
    )


def test_list_show_and_remove(messages):
    [listed] = said("data", "list")
    assert (listed["name"], listed["classes"], listed["texts"]) == ("messages", ["fine", "late"], 161)
    assert "messages: 161 texts in 2 classes" in call("data", "list").stdout
    assert said("data", "status")["own"] == ["messages"]
    shown = said("data", "show", "messages")
    assert shown["telling_words"]["fine"][0]["word"] == "soon"
    assert shown["empty_share"] == pytest.approx(1 / 162)
    assert shown["recipe"]["label"] == "mood"
    lines = call("data", "show", "messages").stdout
    for part in ("Telling for late: never", "Vocabulary size", "epochs", "Different words", "SHA-256"):
        assert part in lines
    assert said("data", "remove", "messages")["freed_bytes"] == listed["bytes"]
    assert "No corpus of your own yet" in call("data", "list").stdout
    assert call("data", "show", "messages").exit_code == 1


def test_a_network_is_trained_on_it_and_reads_a_text_also_when_it_is_gone(messages):
    run = said("train", "--data", "messages", *TINY)
    config = Store().runs.get(run["run"]).config
    assert (config.data, config.classes) == ("messages", ("fine", "late"))
    assert said("evaluate", run["run"])["accuracy"] == run["test_accuracy"]
    assert call("data", "remove", "messages").exit_code == 0
    assert 0 <= said("predict", run["run"], "it never came")["probability"] <= 1
    gone = call("evaluate", run["run"])
    assert gone.exit_code == 1
    assert "There is no corpus 'messages' on this machine" in gone.stderr
    assert "messages" in call("runs", "list").stdout


def test_a_sweep_reads_it(messages):
    done = call("sweep", "own", "--data", "messages", "--vary", "cell=elman,gru", *TINY)
    assert done.exit_code == 0, done.stderr
    assert {run.config.classes for run in Store().runs.all()} == {("fine", "late")}


def test_a_name_that_is_none_is_refused_with_those_there_are(messages):
    for words in (["train"], ["evaluate", "x"], ["sweep", "x"], ["data", "prepare"]):
        refused = call(*words, "--data", "nope")
        assert refused.exit_code == 2, words
        offered = f"'nope' is not one of {', '.join(shipped_names())}, messages."
        assert offered in " ".join(refused.stderr.split()), words


def test_a_rating_becomes_classes(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("text,stars\n" + "".join(f"opinion number {i},{i % 10 / 2 + 0.5}\n" for i in range(80)))
    words = ("--text", "text", "--label", "stars", "--json")
    refused = add(path, "r", *words)
    assert refused.exit_code == 1
    assert "a number with decimals" in refused.stderr
    done = add(path, "r", *words, "--thresholds", "2,4", "--merge", "under 2=bad")
    assert list(json.loads(done.stdout)["classes"]) == ["bad", "2 to under 4", "4 and more"]


def test_a_class_with_an_equals_sign_in_its_name_can_be_merged(tmp_path):
    path = tmp_path / "signs.csv"
    path.write_text("text,kind\n" + "".join(f"text number {i},{('a=b', 'c')[i % 2]}\n" for i in range(40)))
    words = ("--label", "kind", "--json", "--merge")
    refused = add(path, "s", *words, "a=b=equal")
    assert refused.exit_code == 1
    assert "no class 'a' to merge" in refused.stderr
    assert r"On the command line an equals sign in a name is written \=." in refused.stderr
    assert list(json.loads(add(path, "s", *words, r"a\=b=equal").stdout)["classes"]) == ["c", "equal"]


def test_a_column_of_splits_is_followed_and_with_none_the_test_texts_are_drawn(tmp_path):
    path = tmp_path / "parts.csv"
    rows = "".join(f"opinion number {i},{'ab'[i % 2]},{'learn eval'.split()[i % 4 > 2]}\n" for i in range(80))
    path.write_text(f"text,label,part\n{rows}")
    for name, split, words, column, tests in (
        ("parts", "part", [], "classes from column 'label', splits from column 'part'", 20),  # every fourth
        ("drawn", "", ["--split", "none"], "no column of splits", 16),
    ):
        done = add(path, name, *words, "--json")
        assert column in done.stderr
        assert recipe_of(name).split == split
        assert sum(of["test"]["texts"] for of in json.loads(done.stdout)["classes"].values()) == tests


def test_a_folder_is_added_without_naming_a_column_however_many_texts_a_class_has(tmp_path):
    for label in "ab":
        (tmp_path / "texts" / label).mkdir(parents=True)
        for i in range(1_010 if label == "a" else 20):
            (tmp_path / "texts" / label / f"{i}.txt").write_text(f"opinion {label} number {i}")
    done = add(tmp_path / "texts", "folder", "--json")
    assert done.exit_code == 0, done.stderr
    assert list(json.loads(done.stdout)["classes"]) == ["a", "b"]


def test_characters_are_offered_for_a_script_without_spaces(tmp_path):
    path = tmp_path / "zh.csv"
    rows = "".join(f"这部电影{'很好' if i % 2 else '很坏'}看{i},{i % 2}\n" for i in range(40))
    path.write_text(f"text,label\n{rows}")
    words = ("--text", "text", "--label", "label")
    assert "With --tokens characters" in add(path, "w", *words).stderr
    by_characters = add(path, "c", *words, "--tokens", "characters")
    assert "With --tokens" not in by_characters.stderr
    assert by_characters.exit_code == 0
    assert said("data", "show", "c")["telling_words"]["1"][0]["word"] == "好"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--name", "../up"], 1, "1 to 50 letters from A to Z"),
        (["--name", "imdb"], 1, "comes with Gatescope"),
        (["--name", "m", "--text", "gone", "--label", "mood"], 1, "no column 'gone'"),
        (["--name", "m", "--merge", "late"], 2, "Write a merge as OLD=NEW"),
        (["--name", "m", "--merge", "gone=x"], 1, "There is no class 'gone' to merge or rename"),
        (["--name", "m", "--thresholds", "7,4"], 2, "Thresholds must rise"),
        (["--name", "m", "--test-share", "1"], 2, "The test share must be between 0 and 1"),
        (["--name", "m", "--text", "mood", "--label", "mood"], 2, "must be columns of their own"),
        (["--name", "m", "--encoding", "nonsense"], 1, "nonsense"),
        ([], 2, "Missing option '--name'"),
    ],
)
def test_what_can_not_be_added_is_said_with_an_exit_code_and_nothing_is_kept(file, words, code, sentence):
    refused = call("data", "add", str(file), *words)
    assert refused.exit_code == code, refused.output
    assert sentence in refused.stderr
    assert "Traceback" not in refused.output
    assert own_names() == []


def test_a_file_that_is_not_there_or_no_table_is_said(tmp_path):
    assert "There is no file or folder" in add(tmp_path / "no.csv", "m").stderr
    (tmp_path / "empty.csv").write_bytes(b"")
    assert "is empty" in add(tmp_path / "empty.csv", "m").stderr
    (tmp_path / "one.csv").write_text("just\nwords\n")
    refused = add(tmp_path / "one.csv", "m")
    assert refused.exit_code == 1
    assert "No column of one.csv looks like the one with the classes. Name it with --label" in refused.stderr


def test_work_that_is_interrupted_while_its_progress_is_drawn_is_closed_at_once(monkeypatch):
    closed = []

    def work():
        try:
            yield Progress("Working", 0, 1)
        finally:
            closed.append(True)

    def interrupted(steps):
        next(steps)
        raise KeyboardInterrupt

    monkeypatch.setattr(output, "show_progress", interrupted)
    with pytest.raises(KeyboardInterrupt) as held:  # whose traceback keeps the frames alive
        output.with_progress(work())
    assert (closed, held.type) == ([True], KeyboardInterrupt)
