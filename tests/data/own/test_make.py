"""A table becomes a corpus: what is said of it before, the settings that suit it, and how it is made.

It is made whole or not at all, and again to the byte; here, and in a process of its own.
"""

import hashlib
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnn_core.config.identity import Identity
from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import SPLITS, Text, open_corpus, write_corpus
from rnn_core.data.encoding import split_reviews
from rnn_core.data.own.catalogue import OwnTexts, own_names
from rnn_core.data.own.make import add, add_apart, ask, look_apart, survey_apart
from rnn_core.data.own.recommendation import recommend
from rnn_core.data.own.rows import MOST_TEXTS, Tally, read_rows
from rnn_core.data.own.survey import QUANTILES, PartCount, Survey, look_at, summary, survey, texts_in
from rnn_core.data.sources import Recommendation
from rnn_core.data.statistics import FEWEST_TEXTS
from rnn_core.errors import DataError
from rnn_core.files import from_json, to_json
from rnn_core.paths import own_corpora_folder
from rnn_core.tables.open import open_table
from rnn_core.text.tokenizer import tokenize
from tests.data.own.made import added, finish, recipe_for, table, two_classes


def surveyed(source, **choices):
    return finish(survey(recipe_for(source, **choices)))[1]


def test_every_label_is_counted_in_every_split(tmp_path):
    rows = [(text, label, "train") for text, label in two_classes()]
    found = surveyed(table(tmp_path, [*rows, ("x", "a", "test"), ("y", "", "dev")]), split="split")
    assert found.rows == 42
    assert found.labels == {
        "a": {"training": 20, "validation": 0, "test": 1, "not said": 0},
        "b": {"training": 20, "validation": 0, "test": 0, "not said": 0},
    }
    assert list(found.classes["a"].values()) == [PartCount(20, 60), PartCount(0, 0), PartCount(1, 1)]
    assert found.left_out.without_class == 1


def test_a_table_that_makes_no_corpus_says_why(tmp_path):
    found = surveyed(table(tmp_path, [(f"text {i}", f"{i % 7}.5") for i in range(100)]))
    assert "Give thresholds, such as 4,7" in found.problem
    assert (found.classes, found.lengths) == ({}, ())
    assert (found.rows, len(found.labels)) == (100, 7)


def many_rows():
    """Texts of three classes: repeated, in two classes, in two splits, empty, without a class, in groups."""
    draw = random.Random(5)
    words = "the parcel never came and I want my money again".split()
    splits = ["train"] * 4 + ["dev", "test"]
    rows = [
        (
            " ".join(draw.choices(words, k=draw.choice([0, 1, 2, 3, 9]))),
            draw.choice(["billing", "delivery", "delivery", "login", ""]),
            draw.choice(splits),
            f"author {draw.randrange(60)}",
        )
        for _ in range(600)
    ]
    rare = ["few"] * (FEWEST_TEXTS - 1) + ["enough"] * FEWEST_TEXTS
    return [*rows, *[(f"{word} {number}", "rare", "train", "author 3") for number, word in enumerate(rare)]]


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"split": "split"},
        {"test_share": 0.35, "seed": 7},
        {"group": "group", "duplicates": "keep-all"},
        {"split": "split", "group": "group", "across_splits": "keep-all"},
        {"merges": (("billing", "money"), ("login", "money")), "small_classes": "join"},
        {"merges": (("rare", "login"),), "contradictory": "keep-first", "split": "split"},
        {"tokens": TokenRules(unit="characters", lowercase=False)},
    ],
)
def test_it_says_before_what_the_corpus_holds_after(tmp_path, choices):
    source = table(tmp_path, many_rows())
    before = surveyed(source, **choices)
    corpus = added(source, **choices)
    after = summary(corpus, most=6)
    rules = choices.get("tokens", TokenRules())
    lengths = np.array([len(tokenize(corpus.text(number), rules)) for number in range(len(corpus))])
    for label, name in enumerate(corpus.classes):
        for split, said in before.classes[name].items():
            here = (corpus.labels == label) & (corpus.splits == SPLITS.index(split))
            assert said == after.parts[name][split] == PartCount(here.sum(), lengths[here].sum())
    assert before.lengths == after.lengths == tuple(np.quantile(lengths, QUANTILES))
    assert sum(before.left_out) == before.rows - len(corpus) > 0
    assert before.telling == {name: tuple(one.word for one in words) for name, words in after.telling.items()}
    assert max(map(len, before.telling.values())) <= 6
    assert any(before.telling.values())


def test_a_survey_comes_back_from_json(tmp_path):
    found = surveyed(table(tmp_path, [*two_classes(), ("rare", "c")]))
    assert found.small == (("c", 1),)
    assert from_json(to_json(msgspec.to_builtins(found)), Survey) == found


NAMES = ("billing", "access", "rare")
TEXTS = [["the", "invoice"], ["the", "password"], ["the", "zither"], ["nothing"]]


def telling_of(tally, classes, labels):
    labels = np.array(labels, np.int8)
    return tally.telling(classes, labels, np.zeros_like(labels))


def tallied(texts, labels):
    tally = Tally()
    tally.add(texts, labels)
    return tally


def test_each_class_has_the_words_that_set_it_apart():
    labels = [0, 1, 2, -1] * 30
    found = telling_of(tallied(TEXTS * 30, labels), NAMES, labels)
    assert [found[name][0] for name in NAMES] == ["invoice", "password", "zither"]
    assert all("the" not in words and "nothing" not in words for words in found.values())


def test_of_each_label_the_first_texts_are_counted():
    tally = Tally()
    tally.add([["early", "the"]] * (MOST_TEXTS + 1), [0] * (MOST_TEXTS + 1))
    tally.add([["late"]] * 50, [0] * 50)
    tally.add([["other", "the"]] * 300, [1] * 300)
    found = telling_of(tally, ["a", "b"], [0] * (MOST_TEXTS + 51) + [1] * 300)
    assert (found["a"], found["b"][0]) == (("early",), "other")


def test_no_more_words_are_remembered_than_there_is_room(monkeypatch):
    labels = [0, 1, 0, 1]
    assert telling_of(tallied([["word"]] * 4, labels), ["a", "b"], labels) == {}
    monkeypatch.setattr("rnn_core.data.own.rows._MOST_NUMBERS", 40)
    assert len(tallied(TEXTS[:2] * 500, [0, 1] * 500)._words) == 40


def test_a_corpus_of_one_word_has_none_that_tells(make_corpus):
    corpus = make_corpus([("w", 0, "training"), ("w", 1, "training")])
    assert summary(corpus).telling == {"negative": (), "positive": ()}


@pytest.fixture
def make(tmp_path):
    """A function from the number and the lengths of texts to what suits a corpus of them."""

    def of(lengths, classes=2, unit="words", words=50):
        draw, known = random.Random(0), [f"w{word}" for word in range(words)]
        texts = [
            Text(" ".join(draw.choices(known, k=length)), number % classes, "training")
            for number, length in enumerate(lengths)
        ]
        names = tuple(f"c{label}" for label in range(classes))
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        list(write_corpus("own", texts, folder, len(texts), Identity(names, TokenRules(unit=unit))))
        settings, identity, reasons = recommend(open_corpus(folder))
        return Recommendation(RunConfig.plain("own", identity).with_settings(**settings), reasons)

    return of


def test_a_text_of_usual_length_is_read_whole(make):
    lengths = [20] * 95 + [90] * 5
    assert make(lengths).config.text.max_length == 91  # and <start>
    long = make([200] * 95 + [3_000] * 5)
    assert 200 < long.config.text.max_length <= 401
    assert "5.0% of the texts are longer and are cut" in long.reasons[1]
    assert make([900] * 40).config.text.max_length == 401
    assert make([2_000] * 40, unit="characters").config.text.max_length == 1_001


def test_rare_words_are_left_out_of_the_vocabulary(make):
    few = make([10] * 200, words=50)
    assert few.config.text.vocab_size == 50 + 3
    assert "all 50 words" in few.reasons[0]
    rare = make([10] * 200, words=100_000)
    assert rare.config.text.vocab_size < 100


def test_batches_grow_as_texts_become_short(make):
    sizes = [make([length] * 6_000).config.training.batch_size for length in (2, 40, 200)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]
    small = make([5] * 300).config.training
    assert 270 / small.batch_size >= 30


def test_few_texts_are_seen_more_often_and_with_dropout(make):
    few, some, many = (make([4] * texts).config for texts in (500, 6_000, 24_000))
    assert few.training.epochs >= some.training.epochs > many.training.epochs
    assert few.model.head_dropout > 0
    assert few.training.reviews == 450


def test_label_odds_need_a_number_for_each_class(make):
    for lengths, classes in (([1] * 4, 2), ([0, 1, 1, 1], 2), ([3] * 100, 50)):
        found = make(lengths, classes)
        assert len(found.config.classes) == classes
        assert all(reason.endswith(".") for reason in found.reasons)
    assert make([10] * 100).config.model.label_odds
    wide = make([10] * 400, classes=40)
    assert not wide.config.model.label_odds or wide.config.model.embedding_size >= 40
    assert not make([10] * 100, unit="characters").config.model.label_odds


def test_pairs_are_counted_or_learned_by_the_classes(make):
    for classes in (2, 3):
        found = make([10] * 500, classes=classes).config.model
        assert (found.counted_bigrams, found.bigrams) == (900, 0)
    forty = make([10] * 800, classes=40).config.model
    assert (forty.counted_bigrams, forty.bigrams) == (0, 720)
    spelled = make([10] * 500, unit="characters").config.model
    assert (spelled.counted_bigrams, spelled.bigrams) == (0, 0)


def kept_files():
    """All that lies in the folder of the corpora but locks."""
    return sorted(path.name for path in own_corpora_folder().iterdir() if path.suffix != ".lock")


@pytest.fixture
def source(tmp_path):
    return table(tmp_path, two_classes())


def test_a_corpus_holds_the_texts_as_they_are_written(tmp_path):
    """It has their classes and token rules, too."""
    rows = [*two_classes(), ('Quotes "inside", and\na line break', "a"), ("日本語 and עברית", "b")]
    rules = TokenRules(lowercase=False)
    corpus = added(table(tmp_path, rows), tokens=rules)
    assert corpus.tokens == rules
    assert np.array_equal(open_corpus(own_corpora_folder() / "own").ids, corpus.ids)
    assert [(corpus.text(i), corpus.classes[corpus.labels[i]]) for i in range(len(corpus))] == rows
    assert (corpus.name, len(corpus.indices("test"))) == ("own", 8)


def test_the_recipe_makes_it_again_to_the_byte(tmp_path):
    """The seed decides which texts are test texts."""
    rows = [(f"text {i % 37} of {i}", "abc"[i % 3], "", f"g{i // 4}") for i in range(150)]
    source = table(tmp_path, rows)
    added(source, "first", group="group", seed=3, test_share=0.3)
    recipe = OwnTexts("first").provenance()[0]
    assert recipe.sha256 == hashlib.sha256(source.path.read_bytes()).hexdigest()
    assert recipe.bytes == source.path.stat().st_size
    finish(add("second", recipe))
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
    """True if nothing is on two sides."""
    return sum(map(len, sides)) == len(set().union(*sides))


texts = st.sampled_from([*(f"t{number}" for number in range(40)), "", "T1!", "t2."])
groups = st.sampled_from([*(f"g{number}" for number in range(15)), ""])
some_rows = st.tuples(texts, st.sampled_from("abc"), st.sampled_from(["train", "dev", "test"]), groups)
CHOICES = {
    "split": ["", "split"],
    "group": ["", "group"],
    "duplicates": ["keep-first", "keep-all"],
    "contradictory": ["leave-out", "keep-first", "keep-all"],
    "seed": range(4),
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    st.lists(some_rows, min_size=20, max_size=120),
    st.fixed_dictionaries({name: st.sampled_from(some) for name, some in CHOICES.items()}),
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


def test_progress_ends_where_it_should_for_each_part(source):
    progress, found = finish(add("own", recipe_for(source)))
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
        object.__setattr__(table, "read", other.read)
        return found

    monkeypatch.setattr("rnn_core.data.own.make.read_rows", read_then_change)
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
        adding = add("own", recipe_for(source))
        for _ in range(steps):
            next(adding)
        adding.close()
        assert kept_files() == []
    added(source)  # the name is free again


def test_two_windows_that_add_the_same_name_do_not_meet(source):
    first = add("Own", recipe_for(source))
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
        recipes.append(OwnTexts(name).provenance()[0])
    assert len(recipes[0].sha256) == 64
    assert recipes[0].bytes == sum(len(text) for text, _ in two_classes(24))
    marks = [recipe.mark for recipe in recipes]
    assert marks[0] == marks[1] == marks[2] != marks[3]


@pytest.mark.slow
def test_a_process_of_its_own_says_what_this_one_says(source):
    """The sentence where something is wrong is the same, too."""
    assert finish(look_apart(source.path))[1] == finish(look_at(str(source.path)))[1]
    recipe = recipe_for(source)
    here = finish(survey(recipe))[1]
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
            finish(ask(survey, most_memory=60_000_000, recipe=recipe))


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
