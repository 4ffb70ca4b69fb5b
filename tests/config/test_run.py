"""Settings check themselves, survive JSON and are typed the same way everywhere; what a recipe is called."""

import math

import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.config.nouns import REVIEWS, TEXTS
from rnn_core.config.run import RunConfig, all_settings
from rnn_core.config.tokens import TokenRules
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.config.words import have_same_recipe, recipe_in_words, recipes_apart, recipes_in_words
from rnn_core.data.own.catalogue import is_name
from rnn_core.data.sources import bare_config, recommended_config
from rnn_core.errors import ConfigError
from rnn_core.sweeps.questions import QUESTIONS


def test_a_configuration_survives_json():
    config = recommended_config("verdict").with_settings(cell="lstm", learning_rate=0.01, start_token=False)
    assert RunConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize("data", ["imdb", "verdict"])
def test_what_a_configuration_on_disk_does_not_name_is_plain(data):
    assert RunConfig.from_json(f'{{"data": "{data}"}}') == RunConfig(data=data)
    asked_of_verdicts = {"vocab_size", "max_length", "learning_rate"} if data == "verdict" else set()
    assert bare_config(data).differences(RunConfig(data=data)).keys() == asked_of_verdicts


def test_no_two_settings_share_a_name():
    names = [name for _, name, _ in all_settings()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"vocab_size": 1}, "Vocabulary size must be between 4 and 200,000, got 1"),
        ({"counted_bigrams": -1}, "Counted bigrams must be between 0 and 1,000,000, got -1"),
        ({"counted_bigrams": 1_000_001}, "Counted bigrams must be between 0 and 1,000,000, got 1,000,001"),
        ({"max_length": 0}, "Maximum length must be between 1 and 5,000, got 0"),
        ({"max_length": 2.5}, "Maximum length must be a whole number, got 2.5"),
        ({"max_length": True}, "Maximum length must be a whole number, got True"),
        ({"cell": "transformer"}, "Cell must be one of elman, ugrnn, .*, s6, got 'transformer'"),
        ({"learning_rate": math.nan}, "Learning rate must be between"),
        ({"learning_rate": math.inf}, "Learning rate must be between"),
        ({"skip_padding": "yes"}, "Skip padding must be true or false, got 'yes'"),
        ({"colour": "red"}, "There is no setting called 'colour'"),
        ({"input": "one-hot", "vocab_size": 200_000, "hidden_size": 2_048}, "must be at most 25,000,000"),
        ({"vocab_size": 200_000, "embedding_size": 1_024}, "must be at most 25,000,000"),
        ({"bigrams": 500_000, "embedding_size": 256}, "must be at most 25,000,000"),
        ({"input": "one-hot", "bigrams": 100}, "an embedding as input"),
        ({"input": "one-hot", "counted_bigrams": 100}, "an embedding as input"),
        ({"input": "one-hot", "adversarial": 0.5}, "an embedding as input"),
        ({"input": "one-hot", "label_odds": True}, "an embedding as input"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(settings, words):
    with pytest.raises(ConfigError, match=words):
        RunConfig().with_settings(**settings)


@pytest.mark.parametrize("data", ["IMDB", "Verdict", "verdict-50"])
def test_a_name_like_that_of_a_corpus_of_the_app_is_refused(data):
    with pytest.raises(ConfigError, match="must not be called like"):
        RunConfig(data=data, classes=("printer", "invoice", "parcel"))


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"data": "no name"}', '{"text": 3}', '{"model": {"x": 1}}', '{"extra": {}}']
)
def test_json_that_is_no_configuration_is_refused(text):
    with pytest.raises(ConfigError):
        RunConfig.from_json(text)


def test_only_the_verdict_corpus_has_a_distance_of_its_verdict():
    with pytest.raises(ConfigError, match="only the verdict corpus"):
        RunConfig(data="imdb").with_settings(verdict_distance=50)
    assert RunConfig(data="imdb").corpus.name == "imdb"
    assert RunConfig(data="verdict").corpus.name == "verdict"


def test_a_whole_number_passes_for_a_decimal():
    assert RunConfig.from_json('{"training": {"learning_rate": 1}}').training.learning_rate == 1.0


def test_a_configuration_keeps_the_classes_and_token_rules_of_its_corpus():
    own = RunConfig(
        data="tickets", classes=("billing", "access", "other"), tokens=TokenRules(unit="characters")
    )
    assert RunConfig.from_json(own.to_json()) == own
    assert RunConfig.from_json('{"data": "verdict"}').classes == ("negative", "positive")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"classes": ("one",)}, "2 to 50 classes, got 1"),
        ({"classes": tuple(map(str, range(51)))}, "2 to 50 classes, got 51"),
        ({"classes": ("same", "same")}, "a name of its own"),
        ({"classes": ("one", "")}, "1 to 100 printable characters"),
        ({"classes": ("one", "t\nwo")}, "1 to 100 printable characters"),
        ({"data": "imdb", "classes": ("bad", "good")}, "The classes of imdb are negative and positive"),
        ({"data": "verdict", "tokens": TokenRules(lowercase=False)}, "its tokens words"),
        ({"data": "../news"}, "the name of a corpus"),
    ],
)
def test_classes_and_names_that_no_corpus_can_have_are_refused(settings, says):
    with pytest.raises(ConfigError, match=says):
        RunConfig(**{"data": "tickets", **settings})


@pytest.mark.parametrize("name", ["IMDB", "Verdict", "verdict-50", "VERDICT-7"])
def test_a_name_like_those_of_the_app_is_no_corpus_of_ones_own_for_anyone(name):
    assert corpus_named(name).nouns == REVIEWS
    assert not is_name(name)
    with pytest.raises(ConfigError, match="in other letters"):
        RunConfig(data=name)


@pytest.mark.parametrize("name", ["imdb-7", "imdb2", "verdicts", "verdict-x"])
def test_a_name_near_to_those_of_the_app_is_free_for_everyone(name):
    assert corpus_named(name).nouns == TEXTS
    assert is_name(name)
    assert RunConfig(data=name).corpus.is_private


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"composed": 10}, "opinions about films"),
        ({"counted_bigrams": 10, "embedding_size": 2}, "at least the 3 classes"),
        ({"label_odds": True, "embedding_size": 2}, "at least the 3 classes"),
    ],
)
def test_what_a_corpus_of_three_classes_can_not_have_is_refused(settings, says):
    with pytest.raises(ConfigError, match=says):
        RunConfig(data="tickets", classes=("a", "b", "c")).with_settings(**settings)


def test_a_setting_says_what_holds_for_more_classes_and_for_other_numbers_of_threads():
    settings = TrainingConfig.settings()
    assert "towards the same share for each class" in settings["label_smoothing"].help
    assert "with the same number of threads" in settings["seed"].help


SETTINGS = {name: setting for _, name, setting in all_settings()}


def test_every_default_comes_back_from_the_way_it_is_typed():
    for name, declared in SETTINGS.items():
        parsed = declared.parse(str(declared.default))
        assert parsed == declared.default, name
        assert type(parsed) is declared.kind, name


@pytest.mark.parametrize(("text", "value"), [("on", True), ("True", True), ("off", False), ("FALSE", False)])
def test_a_switch_is_on_or_off_as_well_as_true_or_false(text, value):
    assert SETTINGS["start_token"].parse(text) is value


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("start_token", "1", "Start token must be true or false, got '1'."),
        ("epochs", "2.5", "Epochs must be a whole number, got '2.5'."),
        ("epochs", "0", "Epochs must be between 1 and 1,000, got 0."),
        ("learning_rate", "fast", "Learning rate must be a number, got 'fast'."),
        ("learning_rate", "nan", "Learning rate must be between 1e-07 and 100.0, got nan."),
        (
            "cell",
            "GRU",
            "Cell must be one of elman, ugrnn, gru, lstm, mingru, minlstm, indrnn, rglru, slstm, s6, got "
            "'GRU'.",
        ),
    ],
)
def test_what_can_not_be_is_refused_in_a_sentence(name, text, sentence):
    with pytest.raises(ConfigError) as refused:
        SETTINGS[name].parse(text)
    assert str(refused.value) == sentence


USUAL = RunConfig().with_settings(max_length=400, embedding_dropout=0.2)


@pytest.mark.parametrize("name", ["vocabulary", "gates", "distance", "short-texts"])
def test_a_network_names_its_recipe_as_the_question_does_that_trains_alike(name):
    assert recipe_in_words(QUESTIONS[name].sweep.base) == QUESTIONS[name].recipe


def test_networks_that_differ_in_their_cell_and_in_noise_have_the_same_recipe():
    for other in (USUAL.with_settings(cell="lstm", peepholes=True, seed=3), USUAL.with_settings(threads=2)):
        assert have_same_recipe(USUAL, other)
        assert recipe_in_words(USUAL) == recipe_in_words(other) == "400 tokens, dropouts"
    for name, value in {"epochs": 9, "learning_rate": 0.1, "hidden_size": 7, "reviews": 50}.items():
        assert not have_same_recipe(USUAL, USUAL.with_settings(**{name: value}))
    assert not have_same_recipe(recommended_config("verdict"), recommended_config("imdb"))


def test_scores_of_cells_may_be_compared_where_the_recipe_is_the_same_and_else_a_note_says_not():
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
