"""Composed sentences, the probes, and what both have in common, counted a second way."""

import random
from collections import Counter

import pytest

from rnn_core.data.composed import overlap as shared
from rnn_core.data.composed.composed import compose, patterns_of_probes
from rnn_core.data.composed.reach import patterns_that_write, words_between
from rnn_core.data.composed.writer import Grammar, SentenceWriter, finished, grammar
from rnn_core.data.probes import pairs as probes
from rnn_core.data.probes.pairs import pattern_of
from rnn_core.data.sentences import sentences_of
from rnn_core.text.tokenizer import tokenize


def sentences(half):
    return [sentence for pair in probes.pairs(half) for sentence in (pair.positive, pair.negative)]


MADE = Grammar(
    families={
        "some": (("{it} is [not |]{!adj}", "{it} is [not |]{!adj}"), ("see a {film}", "skip a {film}"))
    },
    clauses={"it": (("it", "it"), ("the {film}", "the {film}")), "clause": (("it is {adj}", "it is {adj}"),)},
    opinion={"adj": (("good", "great"), ("bad",))},
    neutral={"film": ("film", "old film")},
)


@pytest.fixture
def writer():
    return SentenceWriter(
        MADE._replace(opinion={"adj": (("good",), ("bad",))}, neutral={"film": ("film",)}), random.Random(0)
    )


@pytest.mark.parametrize(
    ("pattern", "positive", "text"),
    [
        ("a {adj} {film}", True, "a good film"),
        ("a {adj} {film}", False, "a bad film"),
        ("not {!adj}", True, "not bad"),
        ("not {!adj}", False, "not good"),
        ("{!clause}, but {clause}", True, "it is bad, but it is good"),
        ("[very {adj}]", False, "very bad"),
    ],
)
def test_a_slot_speaks_the_verdict_or_the_opposite(writer, pattern, positive, text):
    assert writer.fill(pattern, positive) == text


def test_a_pair_has_a_pattern_for_each_verdict():
    writer = SentenceWriter(MADE._replace(families={"": (("see it", "skip it"),)}), random.Random(0))
    assert [writer.sentence("", positive) for positive in (True, False)] == ["See it", "Skip it"]


def test_a_sentence_is_written_as_people_type(writer):
    """One of a choice is taken, and all come."""
    assert {writer.fill("[a|b [c|d]|]", positive=True) for _ in range(100)} == {"a", "b c", "b d", ""}
    assert finished("it  is a awful film , a honest one") == "It is an awful film, an honest one"


def test_every_pattern_can_be_filled_for_both_verdicts():
    """None stands twice in a family."""
    for family, patterns in grammar().families.items():
        assert len(set(patterns)) == len(patterns), family
    writer = SentenceWriter(grammar(), random.Random(0))
    for patterns in [*grammar().families.values(), *grammar().clauses.values()]:
        for both in patterns:
            for pattern, positive in zip(both, (True, False), strict=True):
                assert not set(writer.fill(pattern, positive)) & set("[]{}|")


def test_a_composed_text_has_no_pattern_of_a_probe():
    halves = [(*sentences(half), *probes.texts_without_opinion(half)) for half in probes.HALVES]
    patterns = {pattern_of(text) for half in halves for text in half}
    for text, _ in compose(5_000, random.Random(7)):
        for part in [text, *sentences_of(text)]:
            assert pattern_of(part) not in patterns, part


def test_half_of_the_texts_are_positive_few_come_twice():
    """A seed makes the same texts again."""
    made = list(compose(1_000, random.Random(3)))
    assert Counter(positive for _, positive in made) == {True: 500, False: 500}
    assert made == list(compose(1_000, random.Random(3)))
    assert made != list(compose(1_000, random.Random(4)))
    assert len({text for text, _ in compose(12_000, random.Random(0))}) > 10_000


def test_a_half_has_20_or_25_pairs_of_each_phenomenon():
    """And a hundred texts without an opinion."""
    counts = Counter(pair.phenomenon for pair in probes.pairs("reported"))
    assert counts == dict.fromkeys(probes.PHENOMENA, 25)
    counts = Counter(pair.phenomenon for pair in probes.pairs("development"))
    assert set(counts) == set(probes.PHENOMENA)
    assert min(counts.values()) >= 20
    assert [len(set(probes.texts_without_opinion(half))) for half in probes.HALVES] == [100, 100]


def test_the_third_set_has_60_pairs_of_other_phenomena():
    """And there is no other set."""
    counts = Counter(pair.phenomenon for pair in probes.pairs(probes.THIRD))
    assert list(counts) == list(probes.OTHER_PHENOMENA)
    assert not set(probes.OTHER_PHENOMENA) & set(probes.PHENOMENA)
    assert (sum(counts.values()), min(counts.values()) >= 7) == (60, True)
    with pytest.raises(ValueError, match="must be one of development, reported"):
        probes.pairs("test")


def test_no_sentence_comes_twice():
    """The halves share no pattern either."""
    found = [tuple(tokenize(text)) for half in (*probes.HALVES, probes.THIRD) for text in sentences(half)]
    assert len(set(found)) == len(found)
    for pair in (pair for half in (*probes.HALVES, probes.THIRD) for pair in probes.pairs(half)):
        first, second = tokenize(pair.positive), tokenize(pair.negative)
        assert abs(len(first) - len(second)) <= 4
        assert 2 <= len(first) <= 20
    assert not set.intersection(*({pattern_of(text) for text in sentences(half)} for half in probes.HALVES))


def test_a_pattern_keeps_what_connects_and_nothing_else():
    assert pattern_of("This film is not bad.") == ("this", "_", "is", "not", "_")
    assert pattern_of("This long film is not good!") == ("this", "_", "is", "not", "_")
    assert pattern_of("It's no bad film.") != pattern_of("It's a bad film.")


def test_a_pair_of_the_same_words_differs_in_order():
    """Each as often in both sentences."""
    assert probes.Pair("but", "Slow, but good.", "Good, but slow.").differs_in_order_alone
    assert not probes.Pair("but", "Slow, but good.", "Good, but dull.").differs_in_order_alone
    assert not probes.Pair("but", "Good, good, but slow.", "Good, but slow, slow.").differs_in_order_alone


def words_apart(one, other):
    """The edit distance of two texts, by the textbook's recursion over their words."""
    first, second = tokenize(one), tokenize(other)
    costs = list(range(len(second) + 1))
    for row, word in enumerate(first, 1):
        before, costs = costs, [row]
        for place, beside in enumerate(second, 1):
            costs.append(min(before[place] + 1, costs[-1] + 1, before[place - 1] + (word != beside)))
    return costs[-1]


def test_a_distance_is_the_least_to_all_that_is_written():
    writer, rng = SentenceWriter(MADE, random.Random(0)), random.Random(1)
    written = {writer.sentence("some", rng.random() < 0.5) for _ in range(500)}
    asked = ["The film is not bad", "It is fine", "The old film was great!", "Skip this film"]
    asked += ["I like it", "good", "See an old film"]  # as which "see a old film" is written
    expected = [min(probes.FAR, *(words_apart(text, other) for other in written)) for text in asked]
    assert set(expected) == set(range(probes.FAR + 1))
    assert list(words_between(asked, MADE)) == expected


def test_a_pattern_writes_texts_with_its_connecting_words():
    for text in ("The door is red", "It is not red"):
        assert patterns_that_write([pattern_of(text)], MADE) == ["{it} is [not |]{!adj}"]
    assert patterns_that_write([pattern_of("It was red")], MADE) == []


def test_the_lists_are_those_of_todays_probes():
    """Each sentence has a distance, to which no family comes nearer."""
    one_family = grammar()._replace(families={"concession": grammar().families["concession"]})
    assert shared.MADE_FROM.read_text().strip() == shared.digest(), (
        "python -m benchmarks probes writes them again"
    )
    writer = SentenceWriter(grammar(), random.Random(3))
    assert not words_between([writer.sentence("concession", n % 2 == 0) for n in range(10)], one_family).any()
    kept, asked = probes.words_from_composed(), [*sentences(probes.REPORTED), *sentences(probes.THIRD)]
    assert set(kept) == set(asked)
    some = asked[::30]
    assert all(words_between(some, one_family) >= [kept[sentence] for sentence in some])
    short = [pattern for pattern in sorted(patterns_of_probes()) if "despite" in pattern and len(pattern) < 9]
    found = patterns_that_write(short, one_family)
    assert found
    assert set(found) <= set(shared.PATTERNS.read_text(encoding="utf-8").splitlines())


def test_no_strict_sentence_is_near_to_a_composed_one():
    """And no text is in both halves."""
    kept, distances = probes.pairs(probes.STRICT), probes.words_from_composed()
    assert len(kept) == 150
    assert all(distances[sentence] == probes.FAR for sentence in sentences(probes.STRICT))
    left_out = set(probes.pairs(probes.REPORTED)) - set(kept)
    assert all(min(distances[pair.positive], distances[pair.negative]) < probes.FAR for pair in left_out)
    one, other = (set(probes.texts_without_opinion(half)) for half in probes.HALVES)
    assert set(probes.texts_without_opinion(probes.STRICT)) == other - one
    assert len(other & one) == shared.overlap().texts_of_halves == 5


def test_the_figures_in_sentences_are_those_of_the_files():
    assert tuple(shared.overlap()) == (15, 14, 3367, 410, 110, 5)
    assert [shared.sentences_within(words, probes.REPORTED) for words in range(3)] == [116, 219, 379]
    figures = (
        "14 of the 15 families; 410 of their 3,367 patterns; 116 word for word; 219 with; 379 with; 110 words"
    )
    for figure in (*figures.split("; "), "5 texts", "700 reported", "can't be known"):
        assert figure in shared.what_is_shared()
    assert "32 of its 120 sentences" in shared.probes_summary(probes.THIRD)
    assert "has 150 of the 350 pairs" in shared.probes_summary(probes.STRICT)
    assert all(shared.probes_summary(name) for name in probes.SETS)
    words = [{word for sentence in sentences(half) for word in tokenize(sentence)} for half in probes.HALVES]
    of_halves = [{word for word in of_half if pattern_of(word) == ("_",)} for of_half in words]
    assert len(set.intersection(*of_halves) - set("!?")) == shared.overlap().words_of_halves
