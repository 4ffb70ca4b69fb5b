"""What a recipe is called, and which scores compare cells."""

import pytest

from rnn_core.config.recipe import have_same_recipe, recipe_in_words, recipes_apart, recipes_in_words
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import recommended_config
from rnn_core.sweeps.questions import QUESTIONS

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
