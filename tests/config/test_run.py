"""Settings check themselves, survive JSON and are typed the same way everywhere; what a recipe is called, and
what a corpus is: a network of another one is not read with it, and a class has one spelling.
"""

import json
import math
from dataclasses import dataclass

import click
import pytest
from click.testing import CliRunner

from rnn_core.cli.options import add_settings as options_of_settings
from rnn_core.config.corpora import corpus_named
from rnn_core.config.identity import place_of
from rnn_core.config.nouns import REVIEWS, TEXTS
from rnn_core.config.run import GROUPS, RunConfig, all_settings
from rnn_core.config.setting import setting
from rnn_core.config.tokens import TokenRules
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.config.words import (
    have_same_recipe,
    recipe_in_words,
    recipes_apart,
    recipes_in_words,
    setting_in_words,
)
from rnn_core.data.own.catalogue import is_name
from rnn_core.data.sources import bare_config, recommended_config
from rnn_core.errors import ConfigError
from rnn_core.sweeps.questions import QUESTIONS
from rnn_core.sweeps.sweep import parse_factor
from rnn_core.symbols import KINDS
from tests.refusals import refusals

SETTINGS = all_settings()
OWN = {"data": "tickets", "classes": ("a", "b"), "corpus_mark": "0f"}
PIECES = {**OWN, "texts_end": False}
OF_LAYERS = {"cell": "lstm", "bidirectional": True}
COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


@pytest.mark.parametrize(
    "config",
    [
        recommended_config("verdict").with_settings(cell="lstm", learning_rate=0.01, start_token=False),
        RunConfig(data="tickets", classes=("x", "y", "z"), tokens=TokenRules(unit="characters")),
        RunConfig(**OWN),
        RunConfig(**PIECES),
        RunConfig().with_settings(layers=4, hidden_size=512, **OF_LAYERS),
    ],
    ids=["settings", "classes and tokens", "a mark", "pieces", "as many layers as a laptop holds"],
)
def test_a_configuration_survives_json(config):
    assert RunConfig.from_json(config.to_json()) == config
    assert config.with_settings(epochs=7).identity == config.identity
    assert ("texts_end" in config.to_dict()) is not config.texts_end


@pytest.mark.parametrize("data", ["imdb", "verdict"])
def test_what_a_file_does_not_name_is_plain(data):
    plain = RunConfig.from_json(f'{{"data": "{data}"}}')
    assert plain == RunConfig(data=data)
    assert (plain.corpus.name, plain.classes) == (data, ("negative", "positive"))
    asked_of_verdicts = {"vocab_size", "max_length", "learning_rate"} if data == "verdict" else set()
    assert bare_config(data).differences(plain).keys() == asked_of_verdicts
    assert RunConfig.from_json('{"training": {"learning_rate": 1}}').training.learning_rate == 1.0


def test_no_two_settings_share_a_name():
    assert len(SETTINGS) == sum(len(group.settings()) for group in GROUPS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class WithEcho(TrainingConfig):
    """The settings of a training and a made-up one."""

    echo: int = setting(0, between=(0, 3))
    """Echo. Number of times that each {text} is
    read again.
    """


def test_a_made_up_setting_is_one_field(monkeypatch):
    monkeypatch.setitem(GROUPS, "training", WithEcho)

    @click.command()
    @options_of_settings(recommended_config)
    def command(**given):
        click.echo(given["echo"])

    help = CliRunner().invoke(command, "--help").output
    assert "Number of times that each review is read again. [default: 0]" in " ".join(help.split())
    assert CliRunner().invoke(command, "--echo 2").output == "2\n"
    config = RunConfig().with_settings(echo=2)
    assert RunConfig.from_json(config.to_json()) == config
    assert config.differences(RunConfig()) == {"echo": 2}
    assert setting_in_words("echo", 2) == "echo 2"
    assert parse_factor("echo=1,2") == ("echo", [1, 2])
    with pytest.raises(ConfigError, match="Echo must be between 0 and 3, got 4"):
        RunConfig().with_settings(echo=4)


def with_settings(**settings):
    return lambda: RunConfig().with_settings(**settings)


def of_three(**settings):
    return lambda: RunConfig(data="tickets", classes=("a", "b", "c")).with_settings(**settings)


def corpus(**about):
    return lambda: RunConfig(**{"data": "tickets", **about})


def typed(name, text):
    return lambda: SETTINGS[name].parse(text)


def read(text):
    return lambda: RunConfig.from_json(text)


PARTS = {"bigrams": 100, "counted_bigrams": 100, "adversarial": 0.5, "label_odds": True}
NO_SETTINGS = ("", "[]", "{", '{"data": "no name"}', '{"text": 3}', '{"model": {"x": 1}}', '{"extra": {}}')
ONE_HOT, LARGEST = "an embedding as input", "must be at most 25,000,000"
OF_AN_LSTM = "must be off unless the cell is LSTM, got GRU. Choose LSTM, or"
MANY_LAYERS = ("at most 50,000,000 weights together", "got 301,989,888. Choose fewer")
OF_CELL = f"Cell must be one of {', '.join(KINDS)}, got 'GRU'."
test_what_can_not_be_is_refused_in_words = refusals(
    ConfigError,
    {
        "too few": (with_settings(vocab_size=1), "Vocabulary size must be between 4 and 200,000, got 1"),
        "too many": (with_settings(counted_bigrams=1_000_001), "between 0 and 1,000,000, got 1,000,001"),
        "no whole number": (with_settings(max_length=2.5), "Maximum length must be a whole number, got 2.5"),
        "a switch for a number": (with_settings(max_length=True), "must be a whole number, got True"),
        "not a number": (with_settings(learning_rate=math.nan), "Learning rate must be between"),
        "without end": (with_settings(learning_rate=math.inf), "Learning rate must be between"),
        "no switch": (with_settings(skip_padding="yes"), "Skip padding must be true or false, got 'yes'"),
        "no setting": (with_settings(colour="red"), "There is no setting called 'colour'"),
        "one-hot": (with_settings(input="one-hot", vocab_size=200_000, hidden_size=2_048), LARGEST),
        "large vectors": (with_settings(vocab_size=200_000, embedding_size=1_024), LARGEST),
        "many layers": (with_settings(layers=4, hidden_size=2_048, **OF_LAYERS), MANY_LAYERS),
        "no layer": (with_settings(layers=0), "Layers must be between 1 and 4, got 0."),
        "five layers": (with_settings(layers=5), "Layers must be between 1 and 4, got 5."),
        **{
            f"{switch} of a GRU": (with_settings(cell="gru", **{switch: True}), OF_AN_LSTM)
            for switch in ("coupled_gates", "peepholes")
        },
        "many bigrams": (with_settings(bigrams=500_000, embedding_size=256), LARGEST),
        **{
            f"{name}, one-hot": (with_settings(input="one-hot", **{name: value}), ONE_HOT)
            for name, value in PARTS.items()
        },
        "sentences of films for three classes": (of_three(composed=10), "opinions about films"),
        **{
            f"{name} without room": (of_three(embedding_size=2, **{name: value}), "at least the 3 classes")
            for name, value in {"counted_bigrams": 10, "label_odds": True}.items()
        },
        "a distance without a verdict": (with_settings(verdict_distance=50), "only the verdict corpus"),
        "one class": (corpus(classes=("one",)), "2 to 50 classes, got 1"),
        "51 classes": (corpus(classes=tuple(map(str, range(51)))), "2 to 50 classes, got 51"),
        "a class twice": (corpus(classes=("same", "same")), "a name of its own"),
        "no class name": (corpus(classes=("one", "")), "1 to 100 printable characters"),
        "a class of two lines": (corpus(classes=("one", "t\nwo")), "1 to 100 printable characters"),
        "classes of imdb": (corpus(data="imdb", classes=("bad", "good")), "are negative and positive"),
        "a mark of imdb": (corpus(data="imdb", corpus_mark="0f"), "classes of imdb"),
        "tokens": (corpus(data="verdict", tokens=TokenRules(lowercase=False)), "its tokens words"),
        "a path": (corpus(data="../news"), "the name of a corpus"),
        "typed switch": (typed("start_token", "1"), "Start token must be true or false, got '1'."),
        "typed part": (typed("epochs", "2.5"), "Epochs must be a whole number, got '2.5'."),
        "typed word": (typed("learning_rate", "fast"), "Learning rate must be a number, got 'fast'."),
        "typed cell": (typed("cell", "GRU"), OF_CELL),
        "no ends": (read(json.dumps({**OWN, "texts_end": 0})), "That texts end must be true or false, got 0"),
        **{f"JSON {text!r:.30}": (read(text), "") for text in NO_SETTINGS},
        **{
            f"the mark {mark!r:.9}": (read(json.dumps({**OWN, "corpus_mark": mark})), "mark of a corpus")
            for mark in ("x", "0" * 65, 7)
        },
    },
)


@pytest.mark.parametrize("name", ["IMDB", "Verdict", "verdict-50", "VERDICT-7"])
def test_a_name_like_the_apps_is_nobodys_own(name):
    assert corpus_named(name).nouns == REVIEWS
    assert not is_name(name)
    with pytest.raises(ConfigError, match="in other letters"):
        RunConfig(data=name)


@pytest.mark.parametrize("name", ["imdb-7", "imdb2", "verdicts", "verdict-x"])
def test_a_name_near_to_those_of_the_app_is_free(name):
    assert corpus_named(name).nouns == TEXTS
    assert is_name(name)
    assert RunConfig(data=name).corpus.is_private


DIFFERENT = {
    "classes a, c, not a, b": {"classes": ("a", "c")},
    "cut into other tokens": {"tokens": TokenRules(unit="characters")},
    "another table, or in another way": {"corpus_mark": "1e"},
    "in another way": {"texts_end": False},
    "": {},
}


@pytest.mark.parametrize("how", DIFFERENT)
def test_a_difference_between_corpora_is_said(how):
    said = RunConfig(**OWN).identity.differs(RunConfig(**OWN | DIFFERENT[how]).identity)
    assert how in said
    assert bool(said) == bool(how)


def test_classes_have_one_spelling():
    """One of before that has two classes of one look is still read; a class is found however it is typed."""
    typed, plain, both = (
        RunConfig.from_dict({"data": "own", "classes": classes})
        for classes in (("bar", DECOMPOSED), ("bar", COMPOSED), (COMPOSED, DECOMPOSED))
    )
    assert typed == plain
    assert both.classes == (COMPOSED, DECOMPOSED)
    assert place_of(DECOMPOSED, plain.classes) == place_of(COMPOSED, plain.classes) == 1
    assert place_of(DECOMPOSED, both.classes) == 1
    assert place_of("tea", plain.classes) is None


def test_help_says_what_holds_for_classes_and_threads():
    settings = TrainingConfig.settings()
    assert "towards the same share for each class" in settings["label_smoothing"].help
    assert "with the same number of threads" in settings["seed"].help


def test_every_default_comes_back_from_being_typed():
    for name, declared in SETTINGS.items():
        parsed = declared.parse(str(declared.default))
        assert parsed == declared.default, name
        assert type(parsed) is declared.kind, name


@pytest.mark.parametrize(("text", "value"), [("on", True), ("True", True), ("off", False), ("FALSE", False)])
def test_a_switch_is_on_or_off_or_true_or_false(text, value):
    assert SETTINGS["start_token"].parse(text) is value


USUAL = RunConfig().with_settings(max_length=400, embedding_dropout=0.2)


@pytest.mark.parametrize("name", ["vocabulary", "gates", "distance", "short-texts"])
def test_a_recipe_is_named_as_by_its_question(name):
    assert recipe_in_words(QUESTIONS[name].sweep.base) == QUESTIONS[name].recipe


def test_cells_and_noise_are_no_part_of_a_recipe():
    for other in (USUAL.with_settings(cell="lstm", peepholes=True, seed=3), USUAL.with_settings(threads=2)):
        assert have_same_recipe(USUAL, other)
        assert recipe_in_words(USUAL) == recipe_in_words(other) == "400 tokens, dropouts"
    for name, value in {"epochs": 9, "learning_rate": 0.1, "hidden_size": 7, "reviews": 50}.items():
        assert not have_same_recipe(USUAL, USUAL.with_settings(**{name: value}))
    assert not have_same_recipe(recommended_config("verdict"), recommended_config("imdb"))


def test_cells_of_other_recipes_may_not_be_compared():
    lstm = USUAL.with_settings(cell="lstm")
    assert not recipes_apart([USUAL, lstm])
    assert not recipes_apart([USUAL, USUAL.with_settings(epochs=9)])  # a comparison of epochs, not of cells
    note = "Their recipes differ, so these scores may not be compared as those of cells."
    longer = lstm.with_settings(max_length=800)
    assert recipes_apart([USUAL, USUAL, longer]) == note
    assert recipes_in_words([USUAL, longer]) == f"Recipes: 400 tokens, dropouts; 800 tokens, dropouts. {note}"
    assert recipes_in_words([USUAL, recommended_config("verdict").with_settings(cell="lstm")]) == (
        "Recipes: 400 tokens, dropouts; generated reviews, plain."
    )
