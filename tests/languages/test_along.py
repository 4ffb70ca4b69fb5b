"""Along a string: the truth beside a network's probabilities, and the path through the automaton."""

import math
import random
from itertools import pairwise

import numpy as np
import pytest

from rnn_core.languages.along import NONE, string_truth
from rnn_core.languages.automaton import Cells, Count, drawing
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.languages.law import Law, Node, Way
from rnn_core.text.vocabulary import END
from tests.languages.turns import Turns


def said(language, *rows):
    """The probabilities of a network, of symbol -> probability at each time step."""
    return np.array([[row.get(symbol, 0.0) for symbol in language.predicted] for row in rows], np.float32)


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_truth_is_right_with_no_bits_above_it(name):
    language = language_named(name)
    for seed in range(10):
        found = string_truth(language, language.draw(random.Random(seed)))
        assert found.bits_above(found.truth).max() == 0
        assert found.right(found.truth).all()
        guess = np.full(found.truth.shape, 1 / found.truth.shape[1])
        entropy = -(found.truth * np.log2(np.maximum(found.truth, 1e-300))).sum(axis=1)
        assert found.bits_above(guess) == pytest.approx(math.log2(guess.shape[1]) - entropy)


def test_the_arrays_say_what_the_moments_say():
    language = language_named("brackets-pairs3")
    found = string_truth(language, "([])x")
    moments = list(language.moments("([])x"))
    columns = language.predicted
    for t, moment in enumerate(moments):
        assert {columns[i] for i in np.flatnonzero(found.allowed[t])} == set(moment.allowed)
        truth = moment.truth or {}
        assert dict(zip(columns, found.truth[t], strict=True)) == pytest.approx(
            {symbol: truth.get(symbol, 0.0 if moment.truth else math.nan) for symbol in columns}, nan_ok=True
        )
    assert found.decided.tolist() == [NONE, 1, 3, 1, NONE, NONE]
    assert found.rivals.tolist() == [NONE, 3, 1, 3, NONE, NONE]
    assert [columns[i] for i in found.targets[:4]] == list("([])")
    assert (found.targets[4], columns[found.targets[5]]) == (NONE, END)
    assert found.hidden[2] == {"depth": 2, "the open bracket": "["}


def test_bits_are_infinite_for_0_or_without_truth():
    language = language_named("anbn-n2")
    found = string_truth(language, "ab")
    bits = found.bits_above(said(language, {"a": 0.5, "b": 0.5}, {"a": 0.25, "b": 0.5, END: 0.25}, {"b": 1}))
    assert bits == pytest.approx([1.0, 0.5 * math.log2(0.5 / 0.25), math.inf])
    beyond = string_truth(language, "aaab")
    bits = beyond.bits_above(np.full(beyond.truth.shape, 1 / 3))
    assert np.isnan(bits).tolist() == [False] * 3 + [True] * 2


A, B, STOP = {"a": 0.6, "b": 0.4}, {"b": 0.9, "a": 0.1}, {END: 0.9, "b": 0.1}
OPENS = {"(": 0.5, "[": 0.2}
RIGHT, WRONG, EVEN = (OPENS | {")": p, "]": 0.3 - p} for p in (0.2, 0.1, 0.15))
ANSWERS = {
    "what the rule allows": ("anbn-n2", "aaabbb", [A, A, B, B, B, B, STOP], [True] * 7),
    "what it does not": ("anbn-n2", "aaabbb", [B, STOP, STOP, STOP, A, A, B], [False] * 7),
    "the kind that closes": ("brackets", "([])", [WRONG, RIGHT, WRONG, RIGHT, {END: 1.0}], [True] * 5),
    "the other kind": ("brackets", "([])", [RIGHT, WRONG, RIGHT, WRONG, RIGHT], [True, *[False] * 3, True]),
    "both kinds alike": ("brackets", "([])", [EVEN] * 5, [True, *[False] * 3, True]),
    "after a wrong symbol": ("parity", "1=01", [{"1": 1.0}] * 5, [True, True, True, False, False]),
}


@pytest.mark.parametrize(("name", "string", "rows", "right"), ANSWERS.values(), ids=ANSWERS)
def test_a_network_is_right_where_the_rule_allows(name, string, rows, right):
    """A closing bracket's kind must be more probable than the other one."""
    language = language_named(name)
    assert string_truth(language, string).right(said(language, *rows)).tolist() == right


def test_an_empty_string_has_one_moment():
    found = string_truth(language_named("delay"), "")
    assert found.truth.tolist() == [[0.5, 0.5, 0, 0, 0]]
    assert found.targets.tolist() == [4]


WITH_OPTIONS = (
    "brackets-pairs40-depth12-opening80",
    "recall-keys26-values10",
    "delay-k3-fillers8",
    "anbncn-n4",
)
EVERY = (*(kind() for kind in LANGUAGES.values()), *map(language_named, WITH_OPTIONS), Turns())
STACK = "the stack of open brackets, the innermost last"


@pytest.mark.parametrize("language", EVERY, ids=lambda language: language.full_name)
def test_a_path_follows_arrows_to_where_it_may_end(language):
    """An arrow leads on from each node for each symbol that the rule allows."""
    rng = random.Random(5)
    for string in [draw(rng) for draw in (language.draw, language.draw_longer) for _ in range(20)]:
        walk = language.walk(string)
        arrows, ends = walk.automaton.arrows, walk.automaton.ends
        assert walk.nodes[0] == next(iter(walk.automaton.nodes))
        for number, symbol, step in zip(walk.arrows, string, pairwise(walk.nodes), strict=True):
            assert (arrows[number].begin, arrows[number].end) == step
            assert symbol in arrows[number].symbols
        assert walk.nodes[-1] in ends
        for moment, node in zip(language.moments(string), walk.nodes, strict=True):
            leads = {symbol for arrow in arrows if arrow.begin == node for symbol in arrow.symbols}
            allowed = set(moment.allowed)
            assert END not in allowed or node in ends
            assert allowed - {END} <= leads
            if language.name == "parity":  # nothing is kept beside its nodes
                assert (leads, node in ends) == (allowed - {END}, END in allowed)


@pytest.mark.parametrize("language", EVERY, ids=lambda language: language.full_name)
def test_a_wrong_string_stops_at_its_last_good_state(language):
    for seed in range(20):
        wrong = language.draw_wrong(random.Random(seed))
        moments = list(language.moments(wrong))
        good = next((t for t, moment in enumerate(moments) if not moment.allowed), len(moments))
        walk = language.walk(wrong)
        assert walk == language.walk(wrong[: good - 1])
        assert len(walk.nodes) == len(walk.kept) == good < len(moments)


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_node_has_a_place_and_an_arrow(name):
    automaton = language_named(name).automaton
    assert len({(node.x, node.y) for node in automaton.nodes.values()}) == len(automaton.nodes)
    named = {end for arrow in automaton.arrows for end in (arrow.begin, arrow.end)}
    assert named == set(automaton.nodes) >= automaton.ends


@pytest.mark.parametrize(
    ("name", "string", "node", "kept"),
    [
        ("brackets", "([]([", "open", (Cells(STACK, ("(", "(", "["), 2),)),
        ("brackets", "([]", "open", (Cells(STACK, ("(",), 0),)),
        ("brackets", "[]", "empty", (Cells(STACK, (), -1),)),
        ("reber", "BTBPV", "7", (Cells("T or P at first", ("T",)),)),
        ("reber", "B", "1", (Cells("T or P at first", ()),)),
        ("anbn", "aaab", "b", (Count("a so far", 3), Count("b to come", 2))),
        ("anbncn", "aabbc", "c", (Count("a so far", 2), Count("b to come", 0), Count("c to come", 1))),
        ("parity", "101=", "even =", ()),
        ("delay", "1..", "wait", (Cells("the bit", ("1",)), Count("fillers so far", 2))),
        ("recall", "a1b0", "pair", (Cells("the table of pairs", ("a1", "b0")),)),
        ("recall", "a1b0?b", "known", (Cells("the table of pairs", ("a1", "b0"), 1),)),
    ],
)  # fmt: skip
def test_what_is_kept_beside_the_node(name, string, node, kept):
    walk = language_named(name).walk(string)
    assert (walk.nodes[-1], walk.kept[-1]) == (node, kept)


def test_ways_are_drawn_without_places():
    walk = Turns().walk("xyxy")
    assert walk.nodes == ("start", "x", "y", "x", "y")
    arrows = [(arrow.begin, arrow.symbols, arrow.end) for arrow in walk.automaton.arrows]
    assert arrows == [("start", "x", "x"), ("x", "y", "y"), ("y", "x", "x")]
    assert walk.automaton.ends == {"y"}
    assert walk.kept[3] == (Count("x so far", 2),)
    assert Turns().walk("y").nodes == ("start",)


def test_ways_between_two_nodes_are_one_arrow():
    ways = Way("a", "0", "b", label="0"), Way("a", "1", "b", "hold", "1")
    automaton = drawing(Law(ways=ways, end="b", counted="0", sizes=range(1, 2)))
    assert automaton.nodes == {"a": Node(0, 1, "a"), "b": Node(2, pytest.approx(1), "b")}
    assert [(arrow.symbols, arrow.label) for arrow in automaton.arrows] == [("01", "0, 1")]
