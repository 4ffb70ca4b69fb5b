"""What the probes are, and what they have in common with composed sentences, counted a second way."""

import random
from collections import Counter

import pytest

from rnn_core.data.composed.composed import patterns_of_probes
from rnn_core.data.composed.overlap import (
    MADE_FROM,
    PATTERNS,
    about,
    digest,
    overlap,
    sentences_within,
    what_is_shared,
)
from rnn_core.data.composed.reach import patterns_that_write, words_between
from rnn_core.data.composed.writer import Grammar, Writer, grammar
from rnn_core.data.probes.pairs import (
    FAR,
    HALVES,
    OTHER_PHENOMENA,
    PHENOMENA,
    REPORTED,
    SETS,
    STRICT,
    THIRD,
    Pair,
    pairs,
    texts_without_opinion,
    words_from_composed,
)
from rnn_core.data.probes.pattern import pattern_of
from rnn_core.text.tokenizer import tokenize


def sentences(half):
    return [sentence for pair in pairs(half) for sentence in (pair.positive, pair.negative)]


def test_a_half_has_20_or_25_pairs_of_each_phenomenon_and_a_hundred_texts_without_an_opinion():
    assert Counter(pair.phenomenon for pair in pairs("reported")) == dict.fromkeys(PHENOMENA, 25)
    counts = Counter(pair.phenomenon for pair in pairs("development"))
    assert set(counts) == set(PHENOMENA)
    assert min(counts.values()) >= 20
    assert [len(set(texts_without_opinion(half))) for half in HALVES] == [100, 100]


@pytest.mark.parametrize("half", [*HALVES, THIRD])
def test_no_sentence_of_a_half_comes_twice_and_the_two_of_a_pair_differ_by_few_words(half):
    found = [tuple(tokenize(sentence)) for sentence in sentences(half)]
    assert len(set(found)) == len(found)
    for pair in pairs(half):
        first, second = tokenize(pair.positive), tokenize(pair.negative)
        assert abs(len(first) - len(second)) <= 4
        assert 2 <= len(first) <= 20


def test_the_halves_share_no_sentence_and_no_pattern():
    of_halves = [{pattern_of(sentence) for sentence in sentences(half)} for half in HALVES]
    assert not set.intersection(*of_halves)


def test_the_third_set_has_60_pairs_over_eight_phenomena_that_no_half_has_and_there_is_no_other():
    counts = Counter(pair.phenomenon for pair in pairs(THIRD))
    assert list(counts) == list(OTHER_PHENOMENA)
    assert not set(OTHER_PHENOMENA) & set(PHENOMENA)
    assert sum(counts.values()) == 60
    assert min(counts.values()) >= 7
    of_halves = {sentence for half in HALVES for sentence in sentences(half)}
    assert not of_halves & set(sentences(THIRD))
    with pytest.raises(ValueError, match="must be one of development, reported"):
        pairs("test")


def test_a_pattern_keeps_what_connects_and_nothing_else():
    assert pattern_of("This film is not bad.") == ("this", "_", "is", "not", "_")
    assert pattern_of("This long film is not good!") == ("this", "_", "is", "not", "_")
    assert pattern_of("It's no bad film.") != pattern_of("It's a bad film.")


def test_a_pair_differs_in_order_alone_where_each_word_is_in_both_sentences_as_often():
    assert Pair("but", "Slow, but good.", "Good, but slow.").differs_in_order_alone
    assert not Pair("but", "Slow, but good.", "Good, but dull.").differs_in_order_alone
    assert not Pair("but", "Good, good, but slow.", "Good, but slow, slow.").differs_in_order_alone


MADE = Grammar(
    families={
        "some": (("{it} is [not |]{!adj}", "{it} is [not |]{!adj}"), ("see a {film}", "skip a {film}"))
    },
    clauses={"it": (("it", "it"), ("the {film}", "the {film}"))},
    opinion={"adj": (("good", "great"), ("bad",))},
    neutral={"film": ("film", "old film")},
)


def words_apart(one, other):
    """The edit distance of two texts, by the textbook's recursion over their words."""
    first, second = tokenize(one), tokenize(other)
    costs = list(range(len(second) + 1))
    for row, word in enumerate(first, 1):
        before, costs = costs, [row]
        for place, beside in enumerate(second, 1):
            costs.append(min(before[place] + 1, costs[-1] + 1, before[place - 1] + (word != beside)))
    return costs[-1]


def test_a_distance_is_the_least_edit_distance_to_all_that_the_patterns_write():
    writer, rng = Writer(MADE, random.Random(0)), random.Random(1)
    written = {writer.sentence("some", rng.random() < 0.5) for _ in range(500)}
    asked = [
        "The film is not bad",
        "It is fine",
        "The old film was great!",
        "Skip this film",
        "See an old film",
    ]
    asked += ["I like it", "good"]
    expected = [min(FAR, *(words_apart(text, other) for other in written)) for text in asked]
    assert set(expected) == set(range(FAR + 1))
    # "see an old film" and "see a old film" are one sentence
    assert list(words_between(asked, MADE)) == expected


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("The door is red", "{it} is [not |]{!adj}"),
        ("It is not red", "{it} is [not |]{!adj}"),
        ("It was red", ""),
    ],
)
def test_a_pattern_writes_the_pattern_of_a_text_where_their_connecting_words_are_the_same(text, writes):
    assert patterns_that_write([pattern_of(text)], MADE) == [one for one in [writes] if one]


FAMILY = "concession"


@pytest.fixture(scope="module")
def one_family():
    return grammar()._replace(families={FAMILY: grammar().families[FAMILY]})


def test_what_the_patterns_write_is_no_word_away_from_them(one_family):
    writer, rng = Writer(grammar(), random.Random(3)), random.Random(3)
    written = [writer.sentence(FAMILY, rng.random() < 0.5) for _ in range(10)]
    assert not words_between(written, one_family).any()


def test_the_lists_are_those_of_todays_patterns_and_probes():
    assert MADE_FROM.read_text().strip() == digest(), "python -m benchmarks probes writes them again"


def test_each_sentence_has_a_distance_and_no_family_comes_nearer(one_family):
    kept = words_from_composed()
    asked = [*sentences(REPORTED), *sentences(THIRD)]
    assert set(kept) == set(asked)
    some = asked[::30]
    assert all(words_between(some, one_family) >= [kept[sentence] for sentence in some])


def test_a_pattern_that_writes_a_pattern_of_a_probe_is_kept(one_family):
    kept = set(PATTERNS.read_text(encoding="utf-8").splitlines())
    short = [pattern for pattern in sorted(patterns_of_probes()) if "despite" in pattern and len(pattern) < 9]
    found = patterns_that_write(short, one_family)
    assert found
    assert set(found) <= kept


def test_no_sentence_of_the_strict_part_has_a_composed_one_within_two_words_and_no_text_is_in_both_halves():
    kept = pairs(STRICT)
    distances = words_from_composed()
    assert len(kept) == 150
    assert all(distances[sentence] == FAR for sentence in sentences(STRICT))
    left_out = set(pairs(REPORTED)) - set(kept)
    assert all(min(distances[pair.positive], distances[pair.negative]) < FAR for pair in left_out)
    one, other = (set(texts_without_opinion(half)) for half in HALVES)
    assert set(texts_without_opinion(STRICT)) == other - one
    assert len(other & one) == overlap().texts_of_halves == 5


def test_the_figures_in_sentences_are_those_of_the_files():
    assert tuple(overlap()) == (15, 14, 3367, 410, 110, 5)
    assert [sentences_within(words, REPORTED) for words in range(3)] == [116, 219, 379]
    said = what_is_shared()
    figures = (
        "14 of the 15 families; 410 of their 3,367 patterns; 116 word for word; 219 with; 379 with; 110 words"
    )
    for figure in (*figures.split("; "), "5 texts", "700 reported"):
        assert figure in said
    assert "can't be known" in said
    assert "32 of its 120 sentences" in about(THIRD)
    assert "has 150 of the 350 pairs" in about(STRICT)
    assert all(about(name) for name in SETS)


def test_words_of_both_halves_are_those_with_a_meaning_of_their_own():
    words = [{word for sentence in sentences(half) for word in tokenize(sentence)} for half in HALVES]
    of_halves = [{word for word in of_half if pattern_of(word) == ("_",)} for of_half in words]
    assert len(set.intersection(*of_halves) - set("!?")) == overlap().words_of_halves
