"""Corpora of made-up languages: their names, their strings, their vocabulary, and that copies are meant."""

import json
import re
from collections import Counter

import numpy as np
import pytest
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.config.corpora import corpus_named, offered_names, shipped_names
from rnn_core.config.run import RunConfig
from rnn_core.data import language_strings
from rnn_core.data.corpus import SPLITS, build_corpus, open_corpus
from rnn_core.data.encoding import learn_vocabulary, split_reviews
from rnn_core.data.language_strings import LanguageStrings
from rnn_core.data.sources import bare_config, load_corpus, recommended_config
from rnn_core.data.statistics import count_words, vocabulary_of
from rnn_core.errors import ConfigError, DataError
from rnn_core.languages.catalogue import LANGUAGES
from rnn_core.models.evaluation import evaluate
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.text.tokenizer import spelled, tokenize
from rnn_core.text.vocabulary import SPECIAL_TOKENS
from tests.languages.turns import Turns

NAMES = [f"language-{name}" for name in LANGUAGES]


@pytest.fixture
def eighth():
    LANGUAGES.register(Turns.name, Turns)
    yield
    LANGUAGES.remove(Turns.name)


@pytest.fixture(scope="module")
def delay(tmp_path_factory):
    """Some strings of a language with options, as they are prepared."""
    kind = LanguageStrings("language-delay-k5-fillers3")
    folder = tmp_path_factory.mktemp("languages") / "delay"
    classes, tokens, _ = kind.identity
    some = [text for number, text in enumerate(kind.strings()) if number % 20 == 0]
    for _ in build_corpus(kind.name, some, folder, len(some), classes, tokens):
        pass
    return open_corpus(folder)


@pytest.mark.parametrize("name", NAMES)
def test_every_language_is_a_corpus_whose_strings_are_drawn_by_seed(name):
    corpus = corpus_named(name)
    assert isinstance(corpus, LanguageStrings)
    assert (corpus.data, corpus.is_shipped, corpus.is_at_hand()) == (name, True, True)
    assert corpus.nouns.texts == "strings"
    strings = corpus.strings()
    first = [next(strings) for _ in range(30)]
    assert first == [text for text, _ in zip(corpus.strings(), range(30), strict=False)]
    assert (
        first != [text for text, _ in zip(corpus.strings(seed=1), range(30), strict=False)]
        or name == "language-delay"
    )
    rules = corpus.identity.tokens
    for text in first:
        assert spelled(tokenize(text.text, rules), rules) == text.text
        assert tokenize(text.text, rules) == list(text.text)
        assert corpus.language.after(text.text).truth
    longest = max(map(corpus.language.length, corpus.language.sizes))
    longer = corpus.longer(50)
    assert longer == corpus.longer(50)
    assert min(map(len, longer)) > longest
    room = corpus.recommendation().settings["max_length"]
    assert max(map(len, longer)) < room


def test_splits_have_their_sizes_and_few_symbols_enough_to_be_prepared_at_once(delay):
    counts = Counter(text.split for text in corpus_named("language-parity").strings())
    assert [counts[split] for split in SPLITS] == [20_000, 1_000, 1_000]
    long = corpus_named("language-delay-k500")
    assert Counter(text.split for text in long.strings()) == {
        "training": 1988,
        "validation": 1000,
        "test": 1000,
    }
    assert long.preparation().bytes == pytest.approx(1e7, rel=0.1)
    assert long.preparation().seconds < 2
    assert delay.classes == ("string",)
    assert len(split_reviews(delay, 100, 0).training) == 100


def test_the_vocabulary_is_that_of_the_language_in_its_order_whatever_was_counted(delay):
    symbols = (*SPECIAL_TOKENS, "0", "1", "?", ".", ":", "-")
    for rows in (delay.indices("training"), np.arange(1)):
        assert learn_vocabulary(delay, rows, 100).words == symbols
    counts = count_words(delay, split_reviews(delay, 100, 0))
    assert vocabulary_of(delay, counts, 100).words == symbols


def test_the_names_carry_the_options_and_stand_in_configurations():
    config = recommended_config("language-delay-k100")
    assert (config.data, config.classes) == ("language-delay-k100", ("string",))
    assert config.corpus.language.k == 100
    assert config.corpus.title == "delay, k = 100"
    assert (config.text.max_length, config.text.vocab_size) == (304, 8)
    assert bare_config("language-delay-k100").text == config.text
    assert RunConfig.from_json(config.to_json()) == config
    assert corpus_named("language-anbn").phrase == "the language aⁿbⁿ"


@pytest.mark.parametrize("name", LANGUAGES)
def test_settings_suit_each_language_at_the_bounds_of_its_options(name):
    corpus = corpus_named(f"language-{name}")
    for option, declared in corpus.language.settings().items():
        for bound in (declared.low, declared.high):
            other = corpus.with_options({option: int(bound)})
            assert getattr(other.language, option) == bound
            assert corpus_named(other.data) == other
            room = recommended_config(other.data).text.max_length
            assert room > other.language.length(other.language.longer_sizes[-1])


def test_other_options_than_those_of_the_language_are_refused():
    corpus = corpus_named("language-anbn-n5")
    assert corpus.with_options({"n": 30}).data == "language-anbn"
    with pytest.raises(ConfigError, match="between 1 and 500, got 501"):
        corpus.with_options({"n": 501})
    with pytest.raises(ConfigError, match="the verdict corpus has no options"):
        corpus_named("verdict").with_options({})


def test_a_users_own_corpus_may_begin_alike_and_none_may_be_called_like_a_language():
    assert not isinstance(corpus_named("language-learning"), LanguageStrings)
    assert isinstance(corpus_named("Language-Reber"), LanguageStrings)
    with pytest.raises(ConfigError, match="in other letters, got Language-Reber"):
        RunConfig(data="Language-Reber", classes=("string",))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("language-delay-k0", "Fillers between must be between 1 and 1,000, got 0."),
        ("language-delay-k20", "write delay, not 'delay-k20'"),
        ("language-anbn-k3", "The language anbn has no option 'k3'. Choose of: n1 to n500."),
    ],
)
def test_options_that_cannot_be_are_refused_in_words(name, why):
    with pytest.raises(ConfigError, match=re.escape(why)):
        RunConfig(data=name)
    refused = CliRunner().invoke(main, ["data", "prepare", "--data", name])
    assert refused.exit_code == 2
    assert why in " ".join(refused.output.split())


def test_a_language_there_is_not_brings_up_the_seven():
    """On the command line, in a notebook and, as both do, on a page."""
    refused = CliRunner().invoke(main, ["train", "--data", "language-klingon"])
    with pytest.raises(
        DataError, match=r"Gatescope comes with language-reber, .* and language-delay\. "
    ) as error:
        load_corpus("language-klingon")
    for said in (refused.output, str(error.value)):
        assert all(name in said for name in NAMES)


def test_parts_of_strings_and_opinions_are_refused():
    with pytest.raises(ConfigError, match="since a part of a string is no string of the language"):
        recommended_config("language-anbn").with_settings(snippets=5)
    with pytest.raises(ConfigError, match="since strings are no opinions about films"):
        recommended_config("language-anbn").with_settings(composed=5)


def test_copies_are_not_left_out_of_strings(delay):
    assert delay.ref.splits_overlap
    assert not corpus_named("imdb").splits_overlap
    config = recommended_config(delay.name)
    vocabulary = learn_vocabulary(delay, np.arange(1), 100)
    network = Classifier(config.model, len(vocabulary), 2)
    model = Model(config=config, vocabulary=vocabulary, classifier=network)
    with pytest.raises(ConfigError, match="No copies can be left out of language-delay-k5-fillers3"):
        evaluate(model, delay, without_copies=True)


def test_the_commands_prepare_and_show_one_with_options():
    def call(*arguments):
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    name = "language-delay-k900"
    assert json.loads(call("data", "prepare", "--data", name, "--json"))["reviews"] == 3107
    assert load_corpus(name).text(0)[1:] == f"{'.' * 900}?{load_corpus(name).text(0)[0]}"
    assert json.loads(call("data", "show", name, "--json"))["classes"]["string"]["test"]["texts"] == 1000


def test_strings_of_another_law_are_made_again(monkeypatch):
    """What an earlier version prepared by the law of today is opened as it lies there."""
    name, changed = "language-parity-bits3", LANGUAGES["parity"]
    folder = corpus_named(name).folder
    with monkeypatch.context() as earlier:
        earlier.setattr(changed, "write", lambda language, size, rng: f"{'1' * size}={size % 2}")
        assert load_corpus(name).text(0).startswith("1")
        made = folder.stat().st_ino
        load_corpus(name)
        assert folder.stat().st_ino == made
    law = corpus_named(name).strings()
    corpus = load_corpus(name)
    assert [corpus.text(number) for number in range(len(corpus))] == [text.text for text in law]
    assert folder.stat().st_ino != made
    monkeypatch.setattr(language_strings, "_HELD_OUT", 900)
    assert len(load_corpus(name).indices("test")) == 900


def test_an_eighth_language_is_offered_and_prepared(eighth):
    assert shipped_names() == ("imdb", "verdict", *NAMES, "language-turns")
    assert offered_names() == shipped_names()
    corpus = load_corpus("language-turns")
    assert set(corpus.words) == {"x", "y"}
    assert corpus.text(0) in {"xy", "xyxy"}
