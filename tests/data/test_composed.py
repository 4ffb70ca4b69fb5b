import random
from collections import Counter

import pytest

from rnn_core.data.composed.composed import compose
from rnn_core.data.composed.writer import Grammar, Writer, finished, grammar
from rnn_core.data.probes.pairs import HALVES, pairs, texts_without_opinion
from rnn_core.data.probes.pattern import pattern_of
from rnn_core.data.sentences import sentences_of

MADE = Grammar(
    families={},
    clauses={"clause": (("it is {adj}", "it is {adj}"),)},
    opinion={"adj": (("good",), ("bad",))},
    neutral={"film": ("film",)},
)


@pytest.fixture
def writer():
    return Writer(MADE, random.Random(0))


@pytest.mark.parametrize(
    ("pattern", "positive", "text"),
    [
        ("a {adj} {film}", True, "a good film"),
        ("a {adj} {film}", False, "a bad film"),
        ("not {!adj}", True, "not bad"),
        ("not {!adj}", False, "not good"),
        ("{!clause}, but {clause}", True, "it is bad, but it is good"),
        ("[very {adj}]", False, "very bad"),
        (("see it", "skip it"), True, "see it"),
        (("see it", "skip it"), False, "skip it"),
    ],
)
def test_a_slot_speaks_the_verdict_and_one_with_a_mark_the_opposite(writer, pattern, positive, text):
    both = pattern if isinstance(pattern, tuple) else (pattern, pattern)
    assert writer.fill(both, positive) == text


def test_of_a_choice_one_is_taken_and_all_come(writer):
    seen = {writer.fill(("[a|b [c|d]|]",) * 2, positive=True) for _ in range(100)}
    assert seen == {"a", "b c", "b d", ""}


def test_a_sentence_is_written_as_people_type():
    assert finished("it  is a awful film , a honest one") == "It is an awful film, an honest one"


def test_every_pattern_can_be_filled_for_both_verdicts_and_none_stands_twice_in_a_family():
    for family, patterns in grammar().families.items():
        assert len(set(patterns)) == len(patterns), family
    writer = Writer(grammar(), random.Random(0))
    for patterns in [*grammar().families.values(), *grammar().clauses.values()]:
        for pattern in patterns:
            for positive in (True, False):
                assert not set(writer.fill(pattern, positive)) & set("[]{}|")


def test_a_composed_text_has_no_sentence_and_no_pattern_of_a_probe():
    probes = [sentence for half in HALVES for _, *both in pairs(half) for sentence in both]
    probes += [text for half in HALVES for text in texts_without_opinion(half)]
    patterns = {pattern_of(text) for text in probes}
    for text, _ in compose(5_000, random.Random(7)):
        for part in [text, *sentences_of(text)]:
            assert pattern_of(part) not in patterns, part


def test_half_of_the_texts_are_positive_few_come_twice_and_the_same_seed_makes_the_same():
    made = list(compose(1_000, random.Random(3)))
    assert Counter(positive for _, positive in made) == {True: 500, False: 500}
    assert made == list(compose(1_000, random.Random(3)))
    assert made != list(compose(1_000, random.Random(4)))
    assert len({text for text, _ in compose(12_000, random.Random(0))}) > 10_000
