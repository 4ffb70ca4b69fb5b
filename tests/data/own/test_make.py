"""A corpus is made whole or not at all, and again to the byte."""

import hashlib
import json

import filelock
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import open_corpus
from rnn_core.data.encoding import split_reviews
from rnn_core.data.own import make
from rnn_core.data.own.alone import working_folder
from rnn_core.data.own.catalogue import own_names, recipe_of
from rnn_core.data.own.make import add
from rnn_core.data.own.rows import read_rows
from rnn_core.data.own.survey import texts_in
from rnn_core.errors import DataError
from rnn_core.paths import own_corpora_folder
from rnn_core.tables.open import open_table
from rnn_core.text.tokenizer import tokenize
from tests.data.own.made import added, finish, recipe_for, table, two_classes


def kept_files():
    """All that lies in the folder of the corpora but locks."""
    return sorted(path.name for path in own_corpora_folder().iterdir() if path.suffix != ".lock")


def test_a_corpus_holds_the_texts_as_they_are_written_with_their_classes_and_token_rules(tmp_path):
    rows = [*two_classes(), ('Quotes "inside", and\na line break', "a"), ("日本語 and עברית", "b")]
    rules = TokenRules(lowercase=False)
    corpus = added(table(tmp_path, rows), tokens=rules)
    assert corpus.tokens == rules
    assert np.array_equal(open_corpus(own_corpora_folder() / "own").ids, corpus.ids)
    assert [(corpus.text(i), corpus.classes[corpus.labels[i]]) for i in range(len(corpus))] == rows
    assert (corpus.name, len(corpus.indices("test"))) == ("own", 8)


def test_the_recipe_beside_a_corpus_makes_it_again_to_the_byte_and_another_seed_tests_other_texts(tmp_path):
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
    other, before = (
        added(source, "other", seed=4, test_share=0.3),
        added(source, "before", seed=3, test_share=0.3),
    )
    assert len(other.indices("test")) == len(before.indices("test"))
    assert other.indices("test").tolist() != before.indices("test").tolist()


def apart(sides):
    """Whether nothing is on two sides."""
    return sum(map(len, sides)) == len(set().union(*sides))


rows_of_tables = st.lists(
    st.tuples(
        st.sampled_from([f"t{number}" for number in range(40)] + ["", "T1!", "t2."]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["train", "dev", "test"]),
        st.sampled_from([f"g{number}" for number in range(15)] + [""]),
    ),
    min_size=20,
    max_size=120,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    rows_of_tables,
    st.fixed_dictionaries(
        {
            "split": st.sampled_from(["", "split"]),
            "group": st.sampled_from(["", "group"]),
            "duplicates": st.sampled_from(["keep-first", "keep-all"]),
            "contradictory": st.sampled_from(["leave-out", "keep-first", "keep-all"]),
            "seed": st.integers(0, 3),
        }
    ),
)
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


def test_progress_ends_where_it_should_for_each_part_of_the_work(tmp_path):
    source = table(tmp_path, two_classes())
    progress, found = finish(add("own", source, recipe_for(source)))
    last = {one.doing: one for one in progress}
    assert len(last) == 3
    assert all(one.done == one.total for one in last.values())
    assert texts_in(found.classes) == 40


def test_a_table_in_the_place_of_the_baselines_of_a_corpus_is_not_deleted():
    own_corpora_folder().mkdir(parents=True)
    path = own_corpora_folder() / "own.baselines.json"
    rows = "".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in two_classes())
    path.write_text(rows)
    source = open_table(path)
    with pytest.raises(DataError, match="would replace"):
        finish(add("own", source, recipe_for(source)))
    assert path.read_text() == rows


@pytest.mark.parametrize("rows", [two_classes(30), two_classes(50), [*two_classes(39), ("another", "b")]])
def test_a_source_that_grew_shrank_or_changed_between_the_passes_is_refused_and_leaves_nothing(
    tmp_path, monkeypatch, rows
):
    source, other = table(tmp_path, two_classes()), table(tmp_path, rows, name="other.csv")

    def read_then_change(table, recipe):
        found = yield from read_rows(table, recipe)
        monkeypatch.setattr(table, "batches", other.batches)
        return found

    monkeypatch.setattr(make, "read_rows", read_then_change)
    with pytest.raises(DataError, match=r"table.csv changed while it was read.*nothing was kept"):
        finish(add("own", source, recipe_for(source)))
    assert kept_files() == []


def test_a_disk_that_fills_and_an_adding_that_is_given_up_leave_nothing(tmp_path, monkeypatch):
    def full(*_arguments, **_more):
        raise OSError(28, "No space left on device")

    source = table(tmp_path, two_classes())
    with monkeypatch.context() as patched:
        patched.setattr(np, "save", full)
        with pytest.raises(DataError, match=r"not be kept in .*: No space left on device. Free some disk"):
            finish(add("own", source, recipe_for(source)))
    assert kept_files() == []
    for steps in (1, 2, 3):
        adding = add("own", source, recipe_for(source))
        for _ in range(steps):
            next(adding)
        adding.close()
        assert kept_files() == []
    added(source)  # the name is free again


def test_two_windows_that_add_the_same_name_do_not_meet(tmp_path):
    source = table(tmp_path, two_classes())
    first = add("Own", source, recipe_for(source))
    next(first)
    with pytest.raises(DataError, match="Another window is adding or removing 'own' just now"):
        next(add("own", source, recipe_for(source)))
    finish(first)
    with pytest.raises(DataError, match="a corpus 'Own' already, which differs in capital letters only"):
        next(add("own", source, recipe_for(source)))
    assert own_names() == ["Own"]


def test_what_a_killed_process_left_is_cleared_away_by_the_next_one(tmp_path):
    left = working_folder("own")
    left.mkdir(parents=True)
    (left / "reviews.arrow").write_bytes(b"half")
    lock = filelock.FileLock(own_corpora_folder() / ".own.lock")
    with lock:  # as long as it lives it is left in peace
        with pytest.raises(DataError, match="Another window"):
            added(table(tmp_path, two_classes()))
        assert left.exists()
    added(table(tmp_path, two_classes()))
    assert kept_files() == ["own"]


def test_a_folder_with_a_sub_folder_for_each_class_is_a_corpus_whatever_lies_beside_its_texts(tmp_path):
    for text, label in two_classes(24):
        (tmp_path / "texts" / label).mkdir(parents=True, exist_ok=True)
        (tmp_path / "texts" / label / f"{text}.txt").write_text(text)
    recipes = []
    for beside in ("", ".DS_Store", "a/notes.md", "b/one.txt"):
        if beside:
            (tmp_path / "texts" / beside).write_text("another one")
        name, source = f"own{len(recipes)}", open_table(tmp_path / "texts")
        finish(add(name, source, recipe_for(source)))
        recipes.append(recipe_of(name))
    assert len(recipes[0].sha256) == 64
    assert recipes[0].bytes == sum(len(text) for text, _ in two_classes(24))
    marks = [recipe.mark for recipe in recipes]
    assert marks[0] == marks[1] == marks[2] != marks[3]


def test_a_text_with_half_a_letter_is_kept_with_a_mark_in_its_place(tmp_path):
    path = tmp_path / "half.jsonl"
    lines = [f'{{"text": "text {i}", "label": "{"ab"[i % 2]}"}}' for i in range(40)]
    path.write_text("\n".join([*lines, '{"text": "half \\ud83d here", "label": "a"}']))
    assert added(open_table(path)).text(40) == "half ? here"
