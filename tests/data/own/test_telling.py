"""The most telling words of a table before it is kept."""

from rnn_core.data.own.recipe import Recipe
from rnn_core.data.own.telling import MOST_TEXTS, Tally

NAMES = ("billing", "access", "rare")


def made(**choices):
    return Recipe(source="t.csv", text="text", label="label", **choices)


def tallied():
    tally = Tally()
    texts = [["the", "invoice"], ["the", "password"], ["the", "zither"], ["nothing"]]
    tally.add(texts * 30, [0, 1, 2, -1] * 30)
    return tally


def test_each_class_has_the_words_that_set_it_apart():
    telling = tallied().telling(NAMES, NAMES, made())
    assert {name: words[0] for name, words in telling.items()} == {
        "billing": "invoice", "access": "password", "rare": "zither",
    }  # fmt: skip
    assert all("the" not in words and "nothing" not in words for words in telling.values())


def test_they_follow_merges_and_classes_that_are_joined_or_left_out():
    merged = tallied().telling(
        NAMES, ["help", "rare"], made(merges=(("billing", "help"), ("access", "help")))
    )
    assert set(merged["help"][:2]) == {"invoice", "password"}
    joined = tallied().telling(NAMES, ["billing", "access", "other"], made(small_classes="join"))
    assert joined["other"] == ("zither",)
    assert "rare" not in tallied().telling(NAMES, ["billing", "access"], made())


def test_of_each_label_the_first_texts_are_counted_wherever_they_stand():
    tally = Tally()
    tally.add([["early", "the"]] * (MOST_TEXTS + 1), [0] * (MOST_TEXTS + 1))
    tally.add([["late"]] * 50, [0] * 50)
    tally.add([["other", "the"]] * 300, [1] * 300)
    telling = tally.telling(["a", "b"], ["a", "b"], made())
    assert (telling["a"], telling["b"][0]) == (("early",), "other")


def test_one_word_alone_says_nothing():
    tally = Tally()
    tally.add([["word"]] * 4, [0, 1, 0, 1])
    assert tally.telling(["a", "b"], ["a", "b"], made()) == {}
