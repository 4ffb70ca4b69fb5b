"""A setting is typed and parsed the same way wherever it is written: as an option, a factor or an address."""

import pytest

from rnn_core.config.run import RunConfig, all_settings
from rnn_core.config.setting import flag, option
from rnn_core.config.words import have_same_recipe, recipe_in_words, recipes_apart, recipes_in_words
from rnn_core.data.sources import recommended_config
from rnn_core.errors import ConfigError
from rnn_core.sweeps.questions import QUESTIONS

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
        ("cell", "GRU", "Cell must be one of elman, ugrnn, gru, lstm, mingru, minlstm, indrnn, got 'GRU'."),
    ],
)
def test_what_can_not_be_is_refused_in_a_sentence(name, text, sentence):
    with pytest.raises(ConfigError) as refused:
        SETTINGS[name].parse(text)
    assert str(refused.value) == sentence


def test_an_option_has_hyphens_and_a_switch_its_no():
    assert option("vocab_size") == "--vocab-size"
    assert flag("learning_rate", 0.003) == "--learning-rate 0.003"
    assert (flag("start_token", True), flag("start_token", False)) == ("--start-token", "--no-start-token")


USUAL = RunConfig().with_settings(max_length=400, embedding_dropout=0.2)


@pytest.mark.parametrize("name", ["vocabulary", "gates", "distance", "short-texts"])
def test_a_network_names_its_recipe_as_the_question_does_that_trains_alike(name: str) -> None:
    assert recipe_in_words(QUESTIONS[name].sweep.base) == QUESTIONS[name].recipe


def test_networks_that_differ_in_their_cell_and_in_noise_have_the_same_recipe() -> None:
    for other in (USUAL.with_settings(cell="lstm", peepholes=True, seed=3), USUAL.with_settings(threads=2)):
        assert have_same_recipe(USUAL, other)
        assert recipe_in_words(USUAL) == recipe_in_words(other) == "400 tokens, dropouts"
    for name, value in {"epochs": 9, "learning_rate": 0.1, "hidden_size": 7, "reviews": 50}.items():
        assert not have_same_recipe(USUAL, USUAL.with_settings(**{name: value}))
    assert not have_same_recipe(recommended_config("verdict"), recommended_config("imdb"))


def test_scores_of_cells_may_be_compared_where_the_recipe_is_the_same_and_else_a_note_says_not() -> None:
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
