"""`data add`, `list`, `show`, `remove`, and a corpus of one's own in every command that takes --data."""

from dataclasses import replace

import pytest

from rnn_core.config.corpora import corpus_named, shipped_names
from rnn_core.config.tokens import EXACT_CHARACTERS, TokenRules
from rnn_core.data.own.catalogue import OwnTexts, own_folder, own_names
from rnn_core.data.own.recipe import Recipe
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.data.verdict import SPLIT_SIZES
from rnn_core.registry import Registry
from rnn_core.runs.store import Store
from rnn_core.tables import open as open_module
from rnn_core.tables.open import FORMATS, FileFormat, open_table
from rnn_core.tables.table import Options, Table
from tests.cli.calls import TINY, call, done, error_of, said
from tests.own import make_own
from tests.zips import zipped


def add(path, name, *words):
    return done("data", "add", path, "--name", name, *words)


@pytest.fixture
def of(file):
    """Writes a table with these rows, in place of the messages; returns its path."""

    def written(header, rows):
        file.write_text("\n".join([header, *rows]))
        return file

    return written


def test_data_status_says_what_is_ready(small_verdict):
    assert said("data status")["prepared"] == []
    assert said("data prepare --data verdict")["reviews"] == sum(SPLIT_SIZES.values())
    assert said("data status")["prepared"] == ["verdict"]
    assert "Freed" in done("data clear").stdout
    assert said("data status")["prepared"] == []


def test_add_says_what_became_of_each_row(file):
    with file.open("a") as out:
        out.write("".join(f"lost for good {number},lost,\n" for number in range(4)))
    dry = add(file, "messages", "--dry-run")
    assert own_names() == []
    answer = add(file, "messages")
    assert "Texts from column 'message', classes from column 'mood'" in answer.stderr
    *lines, last = answer.stdout.splitlines()
    assert [*lines, "Nothing was kept: leave out --dry-run to keep it"] == dry.stdout.splitlines()
    assert lines[0] == "messages: 161 texts in 2 classes, of 166 rows"
    assert "1 of 166 rows have no text (0.6%)" in lines
    left_out = "1 without a text; 4 of a class with fewer than 10 texts"
    assert lines[-2:] == [f"Rows left out: {left_out}", "Small classes: lost (4)"]
    assert last == "Train on it: python -m rnn_core train --data messages"
    table = [line for line in lines if line.startswith(("fine", "late", "    "))]
    assert len(table) == 4
    assert set(table) <= set(done("data show messages").stdout.splitlines())


def test_the_recipe_is_what_was_asked_for(file):
    words = (
        "--text message --label mood --group person --merge late=slow --test-share 0.3 --seed 5 "
        "--no-lowercase --accents strip --encoding utf-8 --duplicates keep-all --contradictory keep-first "
        "--small-classes join --across-splits keep-all"
    ).split()
    add(file, "m", *words)
    assert replace(OwnTexts("m").provenance()[0], sha256="", bytes=0) == Recipe(
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


def test_exact_tokens_are_all_of_a_text(file):
    add(file, "m", *"--tokens characters --exact".split())
    assert OwnTexts("m").provenance()[0].tokens == EXACT_CHARACTERS
    corpus = OwnTexts("m").load()
    assert "".join(corpus.words[token] for token in corpus.ids[: corpus.offsets[1]]) == corpus.text(0)


def test_list_show_and_remove(file):
    added = said("data", "add", file, "--name", "messages", "--group", "person")
    assert added["found"] == {"contradictory": 0, "duplicates": 0, "across_splits": 0}
    assert (added["left_out"]["empty"], added["small"]) == (1, {})
    [listed] = said("data list")
    assert (listed["name"], listed["classes"], listed["texts"]) == ("messages", ["fine", "late"], 161)
    assert "messages: 161 texts in 2 classes" in done("data list").stdout
    assert said("data status")["own"] == ["messages"]
    shown = said("data show messages")
    assert {name: added[name] for name in ("left_out", "lengths", "classes")}.items() <= shown.items()
    assert shown["telling_words"]["fine"][0]["word"] == "soon"
    assert (shown["empty_share"], shown["recipe"]["label"]) == (pytest.approx(1 / 162), "mood")
    lines = done("data show messages").stdout
    for part in ("Telling for late: never", "Vocabulary size", "epochs", "Different words", "SHA-256"):
        assert part in lines
    assert said("data remove messages")["freed_bytes"] == listed["bytes"]
    assert "No corpus of your own yet" in done("data list").stdout


@pytest.mark.slow
def test_networks_learn_it_and_read_when_it_is_gone(messages):
    run = said("train", *TINY, "--data", "messages", "--epochs", "1")
    done("sweep", "own", *TINY, "--data", "messages", "--vary", "cell=elman,gru", "--epochs", "1")
    for trained in Store().runs.all():
        assert (trained.config.data, trained.config.classes) == ("messages", ("fine", "late"))
    assert said("evaluate", run["run"])["accuracy"] == run["test_accuracy"]
    waiting = Store().create(recommended_config("messages"))
    refused = error_of(call("data remove messages"), 1)
    assert f"run {waiting.id} waits to train on it. Stop it or let it end" in refused
    done("runs", "stop", waiting.id)
    done("data remove messages")
    assert 0 <= said("predict", run["run"], "it never came")["probability"] <= 1
    assert "There is no corpus 'messages' on this machine" in error_of(call("evaluate", run["run"]), 1)
    assert "messages" in done("runs list").stdout


@pytest.mark.parametrize("words", ["train", "evaluate x", "sweep x", "data prepare", "baselines"])
def test_an_unknown_name_is_refused_with_those_there_are(messages, words):
    refused = error_of(call(f"{words} --data nope"), 2).replace('"', "'")
    assert f"'nope' is not one of {', '.join(shipped_names())}, messages." in refused


def test_a_rating_becomes_classes(of):
    path = of("text,stars", [f"opinion number {i},{i % 10 / 2 + 0.5}" for i in range(80)])
    words = ("data", "add", path, "--name", "r", "--text", "text", "--label", "stars")
    assert "a number with decimals" in error_of(call(*words), 1)
    found = said(*words, "--thresholds", "2,4", "--merge", "under 2=bad")
    assert list(found["classes"]) == ["bad", "2 to under 4", "4 and more"]


def test_an_equals_sign_in_the_name_of_a_class(of):
    path = of("text,kind", [f"text number {i},{('a=b', 'c')[i % 2]}" for i in range(40)])
    words = ("data", "add", path, "--name", "s", "--label", "kind", "--merge")
    refused = error_of(call(*words, "a=b=equal"), 1)
    assert "no class 'a' to merge" in refused
    assert r"On the command line an equals sign in a name is written \=." in refused
    assert list(said(*words, r"a\=b=equal")["classes"]) == ["c", "equal"]


def test_a_column_of_splits_is_followed_or_left(of):
    """The test texts are drawn with `--split none`."""
    learned = [f"opinion number {i},{'ab'[i % 2]},{'learn eval'.split()[i % 4 > 2]}" for i in range(80)]
    path = of("text,label,part", learned)
    for name, split, words, column, tests in (
        ("parts", "part", [], "classes from column 'label', splits from column 'part'", 20),  # every fourth
        ("drawn", "", ["--split", "none"], "no column of splits", 16),
    ):
        assert column in add(path, name, *words).stderr
        assert OwnTexts(name).provenance()[0].split == split
        classes = said("data", "show", name)["classes"].values()
        assert sum(parts["test"]["texts"] for parts in classes) == tests


def test_characters_are_offered_where_there_are_no_spaces(of):
    path = of("label,text,said", [f"{i % 2},A,这部电影{'很好' if i % 2 else '很坏'}看{i}" for i in range(40)])
    words = ("--text", "said", "--label", "label")
    assert "With --tokens characters" in add(path, "w", *words).stderr
    assert "With --tokens" not in add(path, "c", *words, "--tokens", "characters").stderr
    assert said("data show c")["telling_words"]["1"][0]["word"] == "好"


def test_baselines_are_measured_without_a_checkout():
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    make_own("tickets", ("printer", "invoice", "parcel"), [40, 40, 40])
    kept = said("baselines --data tickets")
    assert [one["name"] for one in kept["baselines"]] == ["majority", "bag-of-words", "nb-svm"]
    assert kept["reviews"]["test"] == 30
    assert "opinions about films" in error_of(call("baselines --data tickets --composed 5"), 1)


def open_slashed(source, options):
    """Opens a table whose cells stand between slashes."""
    with source.open() as stream:
        first, *rows = (line.decode().strip().split("/")[1:] for line in stream)

    def read(columns, place):
        yield from ([row[column] or None for column in columns] for row in rows)

    return Table(
        path=source.path,
        format="Slashed",
        options=Options(),
        columns=tuple(first),
        total_bytes=source.total_bytes,
        read=read,
    )


def test_a_made_up_format_goes_all_the_way(file, here, monkeypatch):
    """A registered format is surveyed, chosen from, added, labelled and found in a zip."""
    slashed = FileFormat(suffixes=(".sla",), is_it=lambda _, start: start.startswith(b"/"), open=open_slashed)
    monkeypatch.setattr(open_module, "FORMATS", Registry("format", {**FORMATS, "Slashed": slashed}))
    rows = [f"/the parcel came {number}/{'late' if number % 2 else 'fine'}" for number in range(40)]
    file.write_text("\n".join(["/message/mood", *rows]))
    assert open_table(file).format == "Slashed"
    assert add(file, "slashes").stdout.startswith("slashes: 40 texts in 2 classes, of 40 rows")
    assert len(load_corpus("slashes")) == 40
    counts = said("predict", "made", "--file", file, "--text", "message", "--out", here / "out.csv")[
        "classes"
    ]
    assert sum(counts.values()) == 40
    (here / "a.zip").write_bytes(zipped({"a.sla": file.read_bytes()}))
    assert open_table(here / "a.zip").format == "Slashed"


@pytest.fixture
def book(file):
    """Plain text in lines, two of which are a comma's."""
    path = file.with_name("book.txt")
    lines = [f"Line {number} of it, quietly\r\nNo comma in {number}\r\n\r\n" for number in range(300)]
    path.write_text("".join(lines), encoding="utf-16", newline="")
    return path


def test_plain_text_is_added_shown_and_listed(book):
    dry = add(book, "book", "--dry-run")
    assert own_names() == []
    answer = add(book, "book")
    *lines, last = answer.stdout.splitlines()
    assert [*lines, "Nothing was kept: leave out --dry-run to keep it"] == dry.stdout.splitlines()
    assert lines[0].startswith("book: plain text of book.txt, ")
    assert "one file, read as utf-16" in lines[2]
    assert "900 ends of lines, CRLF or CR, are read as newline" in lines
    assert last == "Train on it: python -m rnn_core train --data book"
    shown = done("data show book").stdout.splitlines()
    assert set(lines[2:]) <= set(shown)
    assert any("the state carried" in line for line in shown)
    value = said("data show book")
    assert value["recipe"]["encoding"] == "utf-16"
    assert value["found"]["returns"] == 900
    assert "book: " in (listed := done("data list").stdout)
    assert "classes" not in listed
    assert said("data remove book")["removed"] == "book"


def test_a_recipe_makes_its_corpus_again(book, file):
    add(book, "book", "--unit", "words", "--seed", "3")
    add(file, "messages")
    for name in ("book", "messages"):
        kept = own_folder(name) / "recipe.json"
        add(kept, f"{name}-2")
        assert corpus_named(f"{name}-2").mark() == corpus_named(name).mark()
        seeded = call("data", "add", kept, "--name", "x", "--seed", "4")
        assert "--seed has no effect with a recipe" in error_of(seeded, 2)


def test_a_txt_that_is_a_table_stays_one(of, book):
    rows = [f"opinion number {number},{'ab'[number % 2]}" for number in range(80)]
    path = of("text,label", rows).rename(book.with_name("table.txt"))
    add(path, "table")
    assert OwnTexts("table").provenance()[0].label == "label"
    add(path, "text", "--as", "text")
    assert corpus_named("text").provenance()[0].split == "blocks"
    taken = call("data", "add", book, "--name", "x", "--as", "table")
    assert "looks like the one with the classes" in error_of(taken, 1)
    code = path.rename(path.with_suffix(".py"))
    assert "plain text of table.py" in add(code, "code").stdout


def test_a_folder_is_text_where_one_says_so(file):
    folder = file.with_name("poems")
    for number in range(40):
        path = folder / "ab"[number % 2] / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"This is the poem with number {number}, and no other poem.")
    assert list(said("data", "add", folder, "--name", "classes")["classes"]) == ["a", "b"]
    found = said("data", "add", folder, "--name", "t", "--as", "text", "--split", "file")["found"]
    assert (found["files"], found["parts"]["test"]["texts"]) == (40, 4)
    (flat := file.with_name("flat")).mkdir()
    (flat / "one.md").write_text("# A title\n" * 200)
    assert "To take it as plain text: --as text." in error_of(call("data", "add", flat, "--name", "f"), 1)
