"""A corpus is made whole or not at all, and again to the byte; here, and in a process of its own."""

import hashlib
import json
import sys
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import open_corpus
from rnn_core.data.encoding import split_reviews
from rnn_core.data.own import make
from rnn_core.data.own.catalogue import own_names, recipe_of
from rnn_core.data.own.make import add
from rnn_core.data.own.process import add_apart, look_apart, survey_apart
from rnn_core.data.own.rows import read_rows
from rnn_core.data.own.survey import look_at, survey, texts_in
from rnn_core.errors import DataError
from rnn_core.paths import own_corpora_folder
from rnn_core.tables.open import open_table
from rnn_core.text.tokenizer import tokenize
from tests.data.own.made import added, finish, recipe_for, table, two_classes


def kept_files():
    """All that lies in the folder of the corpora but locks."""
    return sorted(path.name for path in own_corpora_folder().iterdir() if path.suffix != ".lock")


@pytest.fixture
def source(tmp_path):
    return table(tmp_path, two_classes())


def test_a_corpus_holds_the_texts_as_they_are_written(tmp_path):
    """With their classes and token rules."""
    rows = [*two_classes(), ('Quotes "inside", and\na line break', "a"), ("日本語 and עברית", "b")]
    rules = TokenRules(lowercase=False)
    corpus = added(table(tmp_path, rows), tokens=rules)
    assert corpus.tokens == rules
    assert np.array_equal(open_corpus(own_corpora_folder() / "own").ids, corpus.ids)
    assert [(corpus.text(i), corpus.classes[corpus.labels[i]]) for i in range(len(corpus))] == rows
    assert (corpus.name, len(corpus.indices("test"))) == ("own", 8)


def test_the_recipe_makes_it_again_to_the_byte(tmp_path):
    """Another seed tests other texts."""
    rows = [(f"text {i % 37} of {i}", "abc"[i % 3], "", f"g{i // 4}") for i in range(150)]
    source = table(tmp_path, rows)
    added(source, "first", group="group", seed=3, test_share=0.3)
    recipe = recipe_of("first")
    assert recipe.sha256 == hashlib.sha256(source.path.read_bytes()).hexdigest()
    assert recipe.bytes == source.path.stat().st_size
    finish(add("second", source, recipe))
    folders = [own_corpora_folder() / name for name in ("first", "second")]
    names = [sorted(path.name for path in folder.iterdir()) for folder in folders]
    assert names[0] == names[1]
    for name in names[0]:
        first, second = ((folder / name).read_bytes() for folder in folders)
        assert first.replace(b'"first"', b'"second"') == second, name
    tests = [added(source, f"s{seed}", seed=seed, test_share=0.3).indices("test") for seed in (3, 4)]
    assert len(tests[0]) == len(tests[1])
    assert tests[0].tolist() != tests[1].tolist()


def apart(sides):
    """Whether nothing is on two sides."""
    return sum(map(len, sides)) == len(set().union(*sides))


rows_of_tables = st.lists(
    st.tuples(
        st.sampled_from([*(f"t{number}" for number in range(40)), "", "T1!", "t2."]),
        st.sampled_from("abc"),
        st.sampled_from(["train", "dev", "test"]),
        st.sampled_from([*(f"g{number}" for number in range(15)), ""]),
    ),
    min_size=20,
    max_size=120,
)
CHOICES = {
    "split": ["", "split"],
    "group": ["", "group"],
    "duplicates": ["keep-first", "keep-all"],
    "contradictory": ["leave-out", "keep-first", "keep-all"],
    "seed": range(4),
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(rows_of_tables, st.fixed_dictionaries({name: st.sampled_from(some) for name, some in CHOICES.items()}))
def test_no_text_and_no_group_is_ever_on_two_sides(tmp_path, rows, choices):
    source = table(tmp_path, rows)
    try:
        corpus = added(source, f"c{len(own_names())}", small_classes="keep", **choices)
        splits = split_reviews(corpus, len(corpus), choices["seed"])
    except DataError:
        return
    group_of = {}
    for row in rows:
        group_of.setdefault(tuple(tokenize(row[0])), set()).add(row[3])
    sides = [splits.training, splits.validation, splits.test]
    texts = [{tuple(tokenize(corpus.text(i))) for i in side} for side in sides]
    assert apart(texts)
    if choices["group"]:
        assert apart([set(corpus.groups[side].tolist()) for side in sides])
        alone = [
            {g for text in side for g in group_of[text] if g and len(group_of[text]) == 1} for side in texts
        ]
        assert apart(alone)


def test_progress_ends_where_it_should_for_each_part(source):
    progress, found = finish(add("own", source, recipe_for(source)))
    last = {one.doing: one for one in progress}
    assert len(last) == 3
    assert all(one.done == one.total for one in last.values())
    assert texts_in(found.classes) == 40


def test_a_table_in_place_of_baselines_is_not_deleted():
    own_corpora_folder().mkdir(parents=True)
    path = own_corpora_folder() / "own.baselines.json"
    rows = "".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in two_classes())
    path.write_text(rows)
    with pytest.raises(DataError, match="would replace"):
        added(open_table(path))
    assert path.read_text() == rows


@pytest.mark.parametrize("rows", [two_classes(30), two_classes(50), [*two_classes(39), ("another", "b")]])
def test_a_source_that_changes_between_the_passes(source, tmp_path, monkeypatch, rows):
    """It grows, shrinks or has another text: it is refused, and leaves nothing."""
    other = table(tmp_path, rows, name="other.csv")

    def read_then_change(table, recipe):
        found = yield from read_rows(table, recipe)
        monkeypatch.setattr(table, "batches", other.batches)
        return found

    monkeypatch.setattr(make, "read_rows", read_then_change)
    with pytest.raises(DataError, match=r"table.csv changed while it was read.*nothing was kept"):
        added(source)
    assert kept_files() == []


def test_an_adding_that_does_not_end_leaves_nothing(source, monkeypatch):
    def full(*_arguments, **_more):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(np, "save", full)
        with pytest.raises(DataError, match=r"not be kept in .*: No space left on device. Free some disk"):
            added(source)
    assert kept_files() == []
    for steps in (1, 2, 3):
        adding = add("own", source, recipe_for(source))
        for _ in range(steps):
            next(adding)
        adding.close()
        assert kept_files() == []
    added(source)  # the name is free again


def test_two_windows_that_add_the_same_name_do_not_meet(source):
    first = add("Own", source, recipe_for(source))
    next(first)
    with pytest.raises(DataError, match="Another window is adding or removing 'own' just now"):
        added(source)
    finish(first)
    with pytest.raises(DataError, match="a corpus 'Own' already, which differs in capital letters only"):
        added(source)
    assert own_names() == ["Own"]


def test_a_folder_has_the_mark_of_its_texts(tmp_path):
    """Whatever lies beside them."""
    for text, label in two_classes(24):
        (tmp_path / "texts" / label).mkdir(parents=True, exist_ok=True)
        (tmp_path / "texts" / label / f"{text}.txt").write_text(text)
    recipes = []
    for beside in ("", ".DS_Store", "a/notes.md", "b/one.txt"):
        if beside:
            (tmp_path / "texts" / beside).write_text("another one")
        name = f"own{len(recipes)}"
        added(open_table(tmp_path / "texts"), name)
        recipes.append(recipe_of(name))
    assert len(recipes[0].sha256) == 64
    assert recipes[0].bytes == sum(len(text) for text, _ in two_classes(24))
    marks = [recipe.mark for recipe in recipes]
    assert marks[0] == marks[1] == marks[2] != marks[3]


@pytest.mark.slow
def test_a_process_of_its_own_says_what_this_one_says(source):
    """In the same sentence where something is wrong."""
    assert finish(look_apart(source.path))[1] == look_at(source)
    recipe = recipe_for(source)
    here = finish(survey(source, recipe))[1]
    progress, there = finish(survey_apart(recipe))
    assert there == here
    assert {"Opening the table", "Looking through the table"} <= {one.doing for one in progress}
    assert finish(add_apart("own", recipe))[1] == here
    assert own_names() == ["own"]
    source.path.write_text("text,label\n" + "".join(f"text {i},a\n" for i in range(20)))
    with pytest.raises(DataError, match="a network needs two classes at least"):
        finish(add_apart("other", recipe))
    if sys.platform == "linux":  # other systems bound no memory
        with pytest.raises(DataError, match=r"takes more than 0.1 GB of memory, which is the bound"):
            finish(survey_apart(recipe, most_memory=60_000_000))


@pytest.mark.slow
def test_an_adding_that_is_closed_ends_its_process(tmp_path):
    """And leaves nothing."""
    source = table(tmp_path, [(f"some words of text number {i}", "ab"[i % 2]) for i in range(60_000)])
    adding = add_apart("own", recipe_for(source))
    until = time.monotonic() + 60
    while next(adding).doing != "Preparing texts":
        assert time.monotonic() < until
    assert any(path.name.startswith(".own.") and path.is_dir() for path in own_corpora_folder().iterdir())
    adding.close()
    assert [path.name for path in own_corpora_folder().iterdir()] == [".own.lock"]
    assert own_names() == []
