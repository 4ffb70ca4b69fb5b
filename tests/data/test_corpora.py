"""Every corpus that comes with the app: by its name, prepared once, with its splits, labels and sizes."""

import itertools
from functools import partial

import filelock
import numpy as np
import pytest

from rnn_core.config.corpora import corpus_named, kinds, offered_names, shipped_names
from rnn_core.config.run import RunConfig
from rnn_core.data import language_strings, verdict
from rnn_core.data.corpus import SPLITS
from rnn_core.data.encoding import learn_vocabulary, split_reviews
from rnn_core.data.held_out import is_copy
from rnn_core.data.sources import bare_config, load_corpus, prepare, recommended_config
from rnn_core.data.statistics import count_words, vocabulary_of
from rnn_core.errors import ConfigError, DataError
from rnn_core.languages.catalogue import LANGUAGES
from rnn_core.models.model import evaluate
from rnn_core.text.tokenizer import spelled, tokenize
from rnn_core.text.vocabulary import SPECIAL_TOKENS
from tests.conftest import needs_imdb
from tests.languages.turns import Turns
from tests.refusals import refusals

NAMES = [f"language-{name}" for name in LANGUAGES]
PREPARED = [kind.offered()[0] for kind in kinds().values() if kind.is_generated]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*PREPARED, "verdict-7", "language-delay-k100"])
def test_a_corpus_is_prepared_once(small_verdict, monkeypatch, name):
    """It takes about the room that was said before; again where it can't be read; one at it is waited for."""
    monkeypatch.setattr(language_strings, "_MOST_TRAINING", 2_000)
    monkeypatch.setattr(language_strings, "_HELD_OUT", 500)
    named = corpus_named(name)
    assert (named.name, named.is_at_hand(), named.is_prepared()) == (name, True, False)
    named.folder.parent.mkdir(parents=True)
    with filelock.FileLock(f"{named.folder}.lock"):
        steps = prepare(name)
        assert next(steps).doing.startswith("Waiting for another window")
    assert list(steps)
    filelock.FileLock(f"{named.folder}.lock").acquire(timeout=0).lock.release()
    assert list(prepare(name)) == []
    corpus = load_corpus(name)
    sizes = {split: len(corpus.indices(split)) for split in SPLITS}
    assert sizes == (named.sizes or verdict.SPLIT_SIZES)
    assert (corpus.name, corpus.classes) == (name, named.identity.classes)
    for number, written in zip(range(200), named.written(sizes), strict=False):
        assert (corpus.text(number), corpus.labels[number]) == (written.text, written.label)
    if (takes := named.preparation()) is not None:
        on_disk = sum(file.stat().st_size for file in named.folder.iterdir())
        assert takes.bytes == pytest.approx(on_disk, rel=0.2)
    splits = split_reviews(corpus, 100_000, seed=0)
    assert set(splits.validation) == set(corpus.indices("validation"))
    assert len(splits.training) == sizes["training"]
    (named.folder / "reviews.arrow").unlink()  # which is mapped into memory
    (named.folder / "reviews.arrow").write_bytes(b"cut")
    assert load_corpus(name).text(7) == corpus.text(7)


@needs_imdb
def test_imdb_has_fifty_thousand_reviews_in_equal_parts(imdb):
    """107 for testing and 21 for validation are copies of some that seed 0 learns from."""
    assert len(imdb) == 50_000
    for split in ("training", "test"):
        labels = imdb.labels[imdb.indices(split)]
        assert (len(labels), labels.sum()) == (25_000, 12_500)
    assert 11_000_000 < len(imdb.ids) < 12_500_000
    assert (imdb.lengths() > 0).all()
    splits = split_reviews(imdb, 25_000, 0)
    held = (splits.test, splits.validation)
    assert [is_copy(imdb, rows, splits.training).sum() for rows in held] == [107, 21]


def test_a_distance_makes_a_corpus_of_more_words():
    assert recommended_config("verdict").with_settings(verdict_distance=7).corpus.name == "verdict-7"
    many, few = (corpus_named(name).preparation() for name in ("verdict-4000", "verdict-400"))
    assert many.bytes > 500_000_000
    assert many.seconds > 9 * few.seconds
    assert corpus_named("imdb").preparation() is None
    long = corpus_named("language-delay-k500")
    assert list(long.sizes.values()) == [1_988, 1_000, 1_000]  # of few symbols enough to be made at once


@pytest.mark.parametrize("name", NAMES)
def test_strings_of_a_language_are_always_the_same(name):
    corpus = corpus_named(name)
    assert isinstance(corpus, language_strings.LanguageStrings)
    assert (corpus.data, corpus.is_shipped, corpus.is_at_hand()) == (name, True, True)
    first, again = ([*itertools.islice(corpus.written(corpus.sizes), 30)] for _ in range(2))
    assert first == again
    rules = corpus.identity.tokens
    for text in first:
        assert spelled(tokenize(text.text, rules), rules) == text.text
        assert tokenize(text.text, rules) == list(text.text)
        assert corpus.language.after(text.text).truth
    longer = corpus.longer(50)
    assert longer == corpus.longer(50)
    room = corpus.recommendation().settings["max_length"]
    assert max(map(corpus.language.length, corpus.language.sizes)) < min(map(len, longer))
    assert max(map(len, longer)) < room


@pytest.mark.parametrize("name", LANGUAGES)
def test_settings_suit_a_language_at_its_bounds(name):
    corpus = corpus_named(f"language-{name}")
    for option, declared in corpus.language.settings().items():
        for bound in (declared.low, declared.high):
            other = corpus.with_options({option: int(bound)})
            assert getattr(other.language, option) == bound
            assert corpus_named(other.data) == other
            room = recommended_config(other.data).text.max_length
            assert room > other.language.length(other.language.longer_sizes[-1])


def test_the_vocabulary_is_that_of_the_language():
    """Its order is the language's, whatever was counted."""
    delay = load_corpus("language-delay-k5-fillers3")
    symbols = (*SPECIAL_TOKENS, "0", "1", "?", ".", ":", "-")
    for rows in (delay.indices("training"), np.arange(1)):
        assert learn_vocabulary(delay, rows, 100).words == symbols
    counts = count_words(delay, split_reviews(delay, 100, 0))
    assert vocabulary_of(delay, counts, 100).words == symbols


def test_names_carry_the_options():
    config = recommended_config("language-delay-k100")
    assert (config.data, config.classes) == ("language-delay-k100", ("string",))
    assert config.corpus.language.k == 100
    assert config.corpus.title == "delay, k = 100"
    assert (config.text.max_length, config.text.vocab_size) == (304, 8)
    assert bare_config("language-delay-k100").text == config.text
    assert RunConfig.from_json(config.to_json()) == config
    corpus = corpus_named("language-anbn-n5")
    assert corpus.with_options({"n": 30}).data == "language-anbn"
    assert corpus_named("language-anbn").phrase == "the language aⁿbⁿ"
    assert not isinstance(corpus_named("language-learning"), language_strings.LanguageStrings)
    assert isinstance(corpus_named("Language-Reber"), language_strings.LanguageStrings)


def without_copies():
    evaluate(None, load_corpus("language-delay-k5-fillers3"), without_copies=True)


def anbn(**settings):
    return lambda: recommended_config("language-anbn").with_settings(**settings)


REFUSED = {
    "no k": (lambda: RunConfig(data="language-delay-k0"), "must be between 1 and 1,000, got 0."),
    "other letters": (lambda: RunConfig(data="Language-Reber", classes=("a",)), "in other letters, got"),
    "n": (partial(corpus_named("language-anbn").with_options, {"n": 501}), "1 and 500, got 501"),
    "none": (partial(corpus_named("verdict").with_options, {}), "the verdict corpus has no options"),
    "parts": (anbn(snippets=5), "since a part of a string is no string of the language"),
    "opinions": (anbn(composed=5), "since strings are no opinions about films"),
    "without copies": (without_copies, "No copies can be left out of language-delay-k5-fillers3"),
}
test_refused = refusals(ConfigError, REFUSED)


def inside_its_folder():
    archive = corpus_named("imdb").folder / "aclImdb"
    (archive / "train").mkdir(parents=True)
    try:
        list(prepare("imdb", archive))
    finally:
        assert archive.is_dir()


def no_archive(monkeypatch):
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)
    list(prepare("imdb"))


def unreadable(monkeypatch):
    monkeypatch.setattr(verdict.Verdict, "prepare", lambda corpus, again=False: iter(()))
    load_corpus("verdict")


CANNOT_BE_HAD = {
    "IMDB": (no_archive, ("not on this machine", "data download")),
    "reviews where they would be kept": (inside_its_folder, "would replace"),
    "what stays unreadable": (unreadable, ("can't be read (", "Delete that folder: it is made again")),
    "no language": (partial(load_corpus, "language-klingon"), ("Gatescope comes with", *NAMES)),
}
test_what_cannot_be_had = refusals(DataError, CANNOT_BE_HAD)


@pytest.mark.parametrize("name", ["verdict", "language-parity-bits3"])
def test_texts_of_another_law_are_made_again(small_verdict, monkeypatch, name):
    """A corpus that an earlier version prepared by the law of today is opened as it lies there."""
    folder = corpus_named(name).folder
    with monkeypatch.context() as earlier:
        earlier.setattr(verdict, "_KINDS", ("start",))
        earlier.setattr(LANGUAGES["parity"], "write", lambda language, size, rng: f"{'1' * size}={size % 2}")
        old, made = load_corpus(name).text(0), folder.stat().st_ino
        load_corpus(name)
        assert folder.stat().st_ino == made
    corpus = load_corpus(name)
    law = corpus_named(name).written({split: len(corpus.indices(split)) for split in SPLITS})
    assert [corpus.text(number) for number in range(len(corpus))] == [text.text for text in law]
    assert corpus.text(0) != old
    monkeypatch.setattr(language_strings, "_HELD_OUT", 900)
    assert name == "verdict" or len(load_corpus(name).indices("test")) == 900


def test_an_eighth_language_is_offered_and_prepared(monkeypatch):
    monkeypatch.setattr(LANGUAGES, "_values", {**LANGUAGES, Turns.name: Turns})
    offered = ("imdb", "verdict", "imdb-characters", *NAMES, "language-turns")
    assert shipped_names() == offered_names() == offered
    corpus = load_corpus("language-turns")
    assert set(corpus.words) == {"x", "y"}
    assert corpus.text(0) in {"xy", "xyxy"}
