"""Plain text becomes a corpus: split by blocks of position or by file, and made again to the byte."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from rnn_core.config.corpora import corpus_named, offered_names
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import CLASSIFICATION, NEXT_TOKEN
from rnn_core.config.tokens import EXACT_WORDS
from rnn_core.data.corpus import SPLITS
from rnn_core.data.own import plain
from rnn_core.data.own import recommendation as recommendation_of_texts
from rnn_core.data.own.catalogue import own_folder, own_names, recipe_in, remove
from rnn_core.data.own.make import add_apart
from rnn_core.data.own.plain import PlainRecipe, PlainTexts, add_plain, survey_plain
from rnn_core.data.sources import load_corpus, recommendation, recommended_config
from rnn_core.errors import ConfigError, DataError
from rnn_core.runs.publish import training_command
from rnn_core.text.tokenizer import tokenize
from rnn_core.training.diagnosis import DiagnosedRun
from rnn_core.training.history import history
from tests.data.own.made import finish


def prose(paragraphs, seed=0):
    """Paragraphs of some lines, each another one."""
    draw = random.Random(seed)
    words = "the parcel never came “so” I want my money again, and a café near by".split()
    return "\n\n".join(
        "\n".join(" ".join(draw.choices(words, k=9)) for _ in range(3)) + f"\n{number}."
        for number in range(paragraphs)
    )


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.txt"
    path.write_text(prose(200), encoding="utf-8")
    return path


def recipe(path, **choices):
    return PlainRecipe(source=str(path), **{"unit": "characters", "split": "blocks", **choices})


def made(path, name="book", **choices):
    """A corpus of plain text, open, and what was found."""
    found = finish(add_plain(name, recipe(path, **choices)))[1]
    return load_corpus(name), found


def texts_of(corpus):
    return [corpus.text(number) for number in range(len(corpus))]


@pytest.mark.parametrize("seed", [0, 7])
def test_blocks_in_order_are_the_text(book, seed):
    corpus, found = made(book, seed=seed)
    assert "".join(texts_of(corpus)) == book.read_text(encoding="utf-8")
    splits = corpus.splits.tolist()
    assert all(one != other for one, other in itertools.pairwise(splits))  # neighbours are joined
    assert all(text.endswith("\n") for text in texts_of(corpus)[:-1])
    shares = {of: part.characters / found.characters for of, part in found.parts.items()}
    assert shares == pytest.approx({"training": 0.8, "validation": 0.1, "test": 0.1}, abs=0.03)
    assert [part.texts for part in found.parts.values()] == np.bincount(splits).tolist()
    assert (corpus.classes, set(corpus.labels.tolist())) == (("text",), {0})


@pytest.mark.parametrize("unit", ["characters", "words"])
def test_tokens_joined_are_the_text(book, unit):
    corpus, _ = made(book, unit=unit)
    for number, text in enumerate(texts_of(corpus)):
        ids = corpus.ids[corpus.offsets[number] : corpus.offsets[number + 1]]
        assert "".join(corpus.words[word] for word in ids) == text
    assert "\n" in corpus.words
    assert (corpus.tokens == EXACT_WORDS) is (unit == "words") is ("parcel" in corpus.words)


def test_a_line_without_end_is_cut_between_words(tmp_path):
    path = tmp_path / "line.txt"
    path.write_text(" ".join(f"word{number}" for number in range(2_000)))
    corpus, _ = made(path)
    assert "".join(texts_of(corpus)) == path.read_text()
    assert all(one.endswith(" ") for one in texts_of(corpus)[:-1])


def test_a_text_has_a_million_characters_at_most(book, monkeypatch):
    monkeypatch.setattr(plain, "MOST_CELL", 700)
    texts = texts_of(made(book)[0])
    assert (max(map(len, texts)) <= 700, "".join(texts)) == (True, book.read_text(encoding="utf-8"))


def test_repeated_paragraphs_are_said(tmp_path):
    refrain = "And this is the chorus that they sing\nagain and again and again"
    path = tmp_path / "song.txt"
    path.write_text("\n\n".join(f"{verse}\n\nlalala\n\n{refrain}" for verse in prose(60).split("\n\n")))
    found = made(path)[1]
    assert (found.repeated, found.such_as) == (1, (refrain.replace("\n", " "),))
    assert "Paragraphs that stand in two splits" in found.lines(0)[-1]
    one_line_each = path.with_name("lines.txt")
    one_line_each.write_text(path.read_text().replace("\n\n", "\t").replace("\n", " ").replace("\t", "\n"))
    assert finish(survey_plain(recipe(one_line_each)))[1].repeated == 1


@pytest.fixture
def sources(tmp_path):
    """Makes a folder with so many files."""

    def written(files):
        folder = tmp_path / "code"
        folder.mkdir()
        for number in range(files):
            (folder / f"{number:02}.py").write_text(f"# {number}\n{prose(9, number)}")
        return folder

    return written


def test_files_are_wholly_in_one_split(sources):
    folder = sources(20)
    corpus, found = made(folder, split="file")
    assert texts_of(corpus) == [path.read_text() for path in sorted(folder.iterdir())]
    assert [found.parts[split].texts for split in SPLITS] == [16, 2, 2]
    assert corpus.texts_end is True
    assert made(folder, "blocks")[0].texts_end is False
    for name, said in (
        ("a", "One file of another kind was passed over: 'a.jpg'"),
        ("b", "2 files of other kinds"),
    ):
        (folder / f"{name}.jpg").touch()
        assert said in "\n".join(finish(survey_plain(recipe(folder)))[1].lines(0))


@pytest.mark.parametrize("seed", range(6))
def test_files_without_text_take_no_split(sources, seed):
    folder = sources(3)
    for number in ("", "00-", "03"):
        (folder / f"{number}bare.py").write_bytes(b"\xef\xbb\xbf")
    found = made(folder, split="file", seed=seed)[1]
    assert [part.texts for part in found.parts.values()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("files", "why"),
    [(2, "has 2 of the 3 files"), (3, r"'00\.py' has more than 20 characters, .* Split by blocks")],
)
def test_files_that_make_no_split_are_refused(sources, monkeypatch, files, why):
    monkeypatch.setattr(plain, "MOST_CELL", 20)
    with pytest.raises(DataError, match=why):
        made(sources(files), split="file")
    assert own_names() == []


@pytest.mark.parametrize(
    ("text", "why"),
    [(text, "has .* characters; plain text needs 1,000 at least") for text in ("ten of all", "\r\n" * 999)]
    + [(" \n" * 999, "has only blanks")],
)
def test_a_text_too_short_to_part_is_refused(tmp_path, text, why):
    path = tmp_path / "short.txt"
    path.write_text(text, newline="")
    with pytest.raises(DataError, match=rf"short\.txt {why}"):
        made(path)
    assert own_names() == []


def test_the_same_text_makes_the_same_bytes(book, tmp_path):
    (first, _), folder = made(book), own_folder("book")
    kept = recipe_in(folder / "recipe.json")
    assert kept == replace(recipe(book), sha256=kept.sha256, bytes=kept.bytes, encoding="utf-8")
    finish(add_plain("again", kept))
    for name in ("reviews.arrow", "ids.npy", "offsets.npy", "words.txt", "recipe.json", "found.json"):
        assert (own_folder("again") / name).read_bytes() == (folder / name).read_bytes(), name
    moved = book.rename(tmp_path / "moved.txt")
    assert made(moved, "moved")[0].mark == first.mark
    other = made(moved, "other", seed=1)[0]
    assert (other.mark != first.mark, texts_of(other) != texts_of(first)) == (True, True)
    moved.write_text(prose(201), encoding="utf-8")
    with pytest.raises(DataError, match="is not what this recipe was made for"):
        finish(add_plain("changed", replace(kept, source=str(moved))))


@pytest.mark.parametrize("text", ["{}", "no json", '{"source": "x", "unit": "words", "split": "blocks"}'])
def test_any_other_file_is_no_recipe(tmp_path, text):
    (tmp_path / "other.json").write_text(text)
    assert recipe_in(tmp_path / "other.json") is None


def test_a_text_that_changes_meanwhile_is_refused(sources):
    folder = sources(3)
    steps = add_plain("code", recipe(folder))
    next(steps)
    first = folder / "00.py"
    first.write_text(first.read_text().replace("parcel", "letter"))
    with pytest.raises(DataError, match="code changed while it was read"):
        list(steps)
    assert own_names() == []


def test_networks_know_their_text_by_its_mark(book):
    config = recommendation(made(book)[0].name).config
    assert (config.task, config.classes) == (NEXT_TOKEN, ("text",))
    assert corpus_named("book") == PlainTexts("book")
    assert "book" in offered_names()
    with pytest.raises(ConfigError, match="book has no classes"):
        replace(config, task=CLASSIFICATION)
    assert corpus_named("book").why_gone(config.identity) == ""
    remove("book")
    assert "texts_end" in config.to_dict()
    assert RunConfig.from_json(config.to_json()) == config  # a network of it opens still
    assert "There is no corpus 'book'" in corpus_named("book").why_gone(config.identity)
    made(book, seed=3)
    assert "not the one that this run learned from" in corpus_named("book").why_gone(config.identity)


def test_a_run_of_a_text_that_is_gone_keeps_its_task(book):
    made(book)
    config = recommendation("book").config.with_settings(hidden_size=5, windows="first")
    remove("book")
    assert recommended_config("book", config.identity, config.task).task == NEXT_TOKEN
    seen = DiagnosedRun(config, history("run", [], NEXT_TOKEN))
    assert seen.usual("hidden_size").keys() == {"hidden_size"}
    assert "--hidden-size 5" in training_command(config)


def test_settings_suit_the_text(book):
    corpus, _ = made(book)
    values = recommendation("book").config.values()
    known = {token for text in texts_of(corpus) for token in tokenize(text, corpus.tokens)}
    assert values["windows"] == "carried"
    assert 4 < values["vocab_size"] <= len(known) + 4
    assert values["epochs"] == 40  # of a short text


@pytest.mark.parametrize(("asked", "times"), [(90, 40), (5, 5), (0, 1)])
def test_what_is_read_is_said(book, monkeypatch, asked, times):
    corpus, _ = made(book)
    tokens = int(corpus.lengths()[corpus.indices("training")].sum())
    monkeypatch.setattr(recommendation_of_texts, "_TOKENS_TO_LEARN_FROM", asked * tokens)
    settings, _, reasons = recommendation_of_texts.recommend_writing(corpus)
    assert settings["epochs"] == times
    epochs = "1 epoch" if times == 1 else f"{times} epochs"
    assert reasons[-1].startswith(f"{epochs}: {times * tokens:,} characters are read. ")
    assert reasons[-1].endswith("no text is read more than 40 times.")


def test_it_is_made_in_a_process_of_its_own(book):
    found = finish(add_apart("book", recipe(book)))[1]
    assert found == corpus_named("book").provenance()[1]
    assert found.pieces >= 100
