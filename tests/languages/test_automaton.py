"""The automaton of each language and the paths of its strings."""

import random
from itertools import pairwise

import pytest

from rnn_core.languages.automaton import Cells, Count, Node, explored
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.text.vocabulary import END
from tests.languages.turns import Turns

WITH_OPTIONS = (
    "brackets-pairs40-depth12-opening80",
    "recall-keys26-values10",
    "delay-k3-fillers8",
    "anbncn-n4",
)
EVERY = (*(kind() for kind in LANGUAGES.values()), *map(language_named, WITH_OPTIONS), Turns())
NOTHING_KEPT = ("parity",)


def strings(language):
    rng = random.Random(5)
    return [draw(rng) for draw in (language.draw, language.draw_longer) for _ in range(20)]


def states_along(language, string):
    states = [language.start]
    for symbol in string:
        states.append(language.step(states[-1], symbol))
    return states


@pytest.mark.parametrize("language", EVERY, ids=lambda language: language.full_name)
def test_the_path_of_a_string_follows_arrows_that_exist_to_where_it_may_end(language):
    for string in strings(language):
        walk = language.walk(string)
        arrows, steps = walk.automaton.arrows, [*pairwise(walk.nodes)]
        assert walk.nodes[0] == next(iter(walk.automaton.nodes))
        assert set(walk.nodes) <= walk.automaton.nodes.keys()
        assert len(walk.arrows) == len(steps) == len(string)
        for number, symbol, step in zip(walk.arrows, string, steps, strict=True):
            assert (arrows[number].begin, arrows[number].end) == step
            assert symbol in arrows[number].symbols
        assert walk.nodes[-1] in walk.automaton.ends


@pytest.mark.parametrize("language", EVERY, ids=lambda language: language.full_name)
def test_from_the_present_node_an_arrow_leads_on_for_each_symbol_that_the_rule_allows(language):
    for string in strings(language):
        walk = language.walk(string)
        for state, node in zip(states_along(language, string), walk.nodes, strict=True):
            leads = {
                symbol for arrow in walk.automaton.arrows if arrow.begin == node for symbol in arrow.symbols
            }
            allowed = set(language.allowed(state))
            assert allowed - {END} <= leads
            assert END not in allowed or node in walk.automaton.ends
            for symbol in allowed - {END}:
                walk.automaton.arrow(node, symbol, language.node(language.step(state, symbol)))
            if language.name in NOTHING_KEPT:
                assert (leads, node in walk.automaton.ends) == (allowed - {END}, END in allowed)


@pytest.mark.parametrize("language", EVERY, ids=lambda language: language.full_name)
def test_a_string_that_breaks_the_rule_stops_at_its_last_good_state(language):
    for seed in range(20):
        wrong = language.draw_wrong(random.Random(seed))
        moments = list(language.moments(wrong))
        good = next((t for t, moment in enumerate(moments) if not moment.allowed), len(moments))
        walk = language.walk(wrong)
        assert walk == language.walk(wrong[: good - 1])
        assert len(walk.nodes) == len(walk.kept) == good < len(moments)


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_node_stands_at_a_place_of_its_own_and_is_named_by_an_arrow(name):
    automaton = language_named(name).automaton
    assert len({(node.x, node.y) for node in automaton.nodes.values()}) == len(automaton.nodes)
    named = {end for arrow in automaton.arrows for end in (arrow.begin, arrow.end)}
    assert named == set(automaton.nodes) >= automaton.ends


@pytest.mark.parametrize(
    ("name", "string", "node", "kept"),
    [
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


def test_the_stack_has_the_open_brackets_the_innermost_last():
    walk = language_named("brackets").walk("([]([")
    assert [stack.cells for [stack] in walk.kept] == [
        (),
        ("(",),
        ("(", "["),
        ("(",),
        ("(", "("),
        ("(", "(", "["),
    ]
    assert [stack.marked for [stack] in walk.kept if stack.cells] == [0, 1, 0, 1, 2]
    assert walk.nodes == ("start", *["open"] * 5)
    assert language_named("brackets").walk("[]").nodes == ("start", "open", "empty")


def test_of_a_language_that_declares_none_the_automaton_is_explored():
    assert Turns.automaton is None
    walk = Turns().walk("xyxy")
    assert walk.nodes == ("x", "y", "x end", "y", "x end")
    assert [(arrow.begin, arrow.symbols, arrow.end) for arrow in walk.automaton.arrows] == [
        ("x", "x", "y"),
        ("y", "y", "x end"),
        ("x end", "x", "y"),
    ]
    assert walk.automaton.ends == {"x end"}
    assert walk.kept[3] == (Count("symbols so far", 3),)
    assert Turns().walk("y").nodes == ("x",)


def test_explored_nodes_stand_on_a_circle_and_symbols_of_the_same_way_share_an_arrow():
    automaton = explored("a", [("a", "0", "b"), ("a", "1", "b"), ("a", "0", "b")], frozenset("b"))
    assert automaton.nodes == {"a": Node(0, 1, "a"), "b": Node(2, pytest.approx(1), "b")}
    assert [arrow.symbols for arrow in automaton.arrows] == ["01"]


def test_a_way_without_an_arrow_is_refused():
    with pytest.raises(ValueError, match="no arrow c from a to b"):
        language_named("anbn").automaton.arrow("a", "c", "b")
