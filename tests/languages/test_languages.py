"""The made-up languages: their exact truth against all their strings, their draws, and what they refuse."""

import itertools
import random
import re
from collections import Counter, defaultdict
from fractions import Fraction
from functools import cache, partial
from math import prod, sqrt
from pathlib import Path

import pytest

from rnn_core.errors import ConfigError
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.languages.language import CATEGORY, NUMBER
from rnn_core.languages.law import Law
from rnn_core.text.vocabulary import END
from tests.refusals import refusals

CLOSES = {"(": ")", "[": "]"}


# All strings with their probabilities, each counted from the words of the rule and not by stepping


def of_reber(longest):
    inner = {
        1: {"T": 2, "P": 3}, 2: {"S": 2, "X": 4}, 3: {"T": 3, "V": 5}, 4: {"X": 3, "S": 6},
        5: {"P": 4, "V": 6},
    }  # fmt: skip
    found = {}

    def grow(text, node, p):
        if len(text) + 2 + 4 > longest:  # B at the front and E at the end, and around them B T ... T E
            return
        if node == 6:
            for branch in "TP":
                found[f"B{branch}B{text}E{branch}E"] = p / 2
            return
        for symbol, to in inner[node].items():
            grow(text + symbol, to, p / 2)

    grow("", 1, Fraction(1))
    total = sum(found.values())
    return {string: p / total for string, p in found.items()}


def of_brackets(pairs, depth, opening):
    found = defaultdict(Fraction)
    for size in range(1, pairs + 1):
        for string in itertools.product("()[]", repeat=2 * size):
            p, stack = Fraction(1, pairs), []
            for left, symbol in zip(range(2 * size, 0, -1), string, strict=True):
                may_open, may_close = len(stack) < min(depth, left), bool(stack)
                opens = Fraction(opening, 100) if may_open and may_close else Fraction(may_open)
                if symbol in "([":
                    p *= opens / 2
                    stack.append(symbol)
                else:
                    p *= (1 - opens) * bool(stack and CLOSES[stack.pop()] == symbol)
                if not p:
                    break
            if p and not stack:
                found["".join(string)] += p
    return dict(found)


def of_blocks(letters, longest):
    sizes = range(1, longest + 1)
    return {"".join(letter * size for letter in letters): Fraction(1, longest) for size in sizes}


def of_parity(longest):
    return {
        f"{''.join(bits)}={bits.count('1') % 2}": Fraction(1, longest * 2**size)
        for size in range(1, longest + 1)
        for bits in itertools.product("01", repeat=size)
    }


def of_recall(keys, values):
    most = len(keys) // 2
    return {
        f"{''.join(map(''.join, zip(order, beside, strict=True)))}?{asked}{value}": Fraction(
            1, most * prod(range(len(keys), len(keys) - size, -1)) * len(values) ** size * size
        )
        for size in range(1, most + 1)
        for order in itertools.permutations(keys, size)
        for beside in itertools.product(values, repeat=size)
        for asked, value in zip(order, beside, strict=True)
    }


def of_delay(k, fillers):
    return {
        f"{bit}{''.join(between)}?{bit}": Fraction(1, 2 * len(fillers) ** k)
        for bit in "01"
        for between in itertools.product(fillers, repeat=k)
    }


SMALL = {
    "reber-longest11": lambda: of_reber(11),
    "anbn-n3": lambda: of_blocks("ab", 3),
    "anbncn-n3": lambda: of_blocks("abc", 3),
    "brackets-pairs3-depth2": lambda: of_brackets(3, 2, 50),
    "brackets-pairs4-depth3-opening30": lambda: of_brackets(4, 3, 30),
    "parity-bits3": lambda: of_parity(3),
    "recall-keys4": lambda: of_recall("abcd", "01"),
    "delay-k2": lambda: of_delay(2, "."),
    "delay-k2-fillers3": lambda: of_delay(2, ".:-"),
}


@cache
def counted(name):
    """All strings of a small language; not counted while tests are collected, as each process does."""
    return SMALL[name]()


def by_counting(strings):
    """Prefix -> the probability of each next symbol, from all strings with their probabilities."""
    begun = defaultdict(Counter)
    for string, p in strings.items():
        for place, symbol in enumerate([*string, END]):
            begun[string[:place]][symbol] += p
    return {
        prefix: {symbol: p / sum(found.values()) for symbol, p in found.items()}
        for prefix, found in begun.items()
    }


@pytest.mark.parametrize("name", SMALL)
def test_strings_draws_and_truth_are_those_of_counting(name):
    """All strings with their probabilities, the truth after every beginning, and the law of draws."""
    language, expected = language_named(name), counted(name)
    found = list(language.strings())
    assert len(found) == len(expected)
    assert dict(found) == pytest.approx({string: float(p) for string, p in expected.items()}, abs=1e-12)
    for prefix, following in by_counting(expected).items():
        moment = language.after(prefix)
        assert moment.truth == pytest.approx({one: float(p) for one, p in following.items()}, abs=1e-12)
        assert set(moment.truth) <= set(moment.allowed)
        for symbol in set(language.symbols) - set(following):
            assert language.after(prefix + symbol).truth is None
    rng, draws = random.Random(1), 4_000
    drawn = Counter(language.draw(rng) for _ in range(draws))
    assert set(drawn) <= set(expected)
    means = {string: draws * float(p) for string, p in expected.items()}
    chi2 = sum((drawn[string] - mean) ** 2 / mean for string, mean in means.items())
    freedom = len(expected) - 1
    assert chi2 < freedom + 4 * sqrt(2 * freedom)


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_declares_what_its_strings_have(name):
    """Usual strings are possible, longer ones are allowed without a truth, both drawn by the seed."""
    language = language_named(name)
    assert language.full_name == name
    assert language.rule.endswith(".")
    assert all((language.title, language.decides))
    assert all(len(symbol) == 1 and symbol.isprintable() and symbol != " " for symbol in language.symbols)
    assert len(set(language.symbols)) == len(language.symbols)
    assert set(language.tracked.values()) <= {NUMBER, CATEGORY}
    rng, again = random.Random(2), random.Random(2)
    for _ in range(50):
        string, longer = language.draw(rng), language.draw_longer(rng)
        assert (string, longer) == (language.draw(again), language.draw_longer(again))
        moments = list(language.moments(string))
        assert len(moments) == len(string) + 1
        for moment, symbol in zip(moments, [*string, END], strict=True):
            assert moment.truth[symbol] > 0
            assert sum(moment.truth.values()) == pytest.approx(1)
            assert moment.hidden.keys() == language.tracked.keys()
            for tracked, kind in language.tracked.items():
                assert isinstance(moment.hidden[tracked], (int if kind == NUMBER else str) | None)
        assert len(longer) > max(map(language.length, language.sizes))
        moments = list(language.moments(longer))
        assert all(symbol in moment.allowed for moment, symbol in zip(moments, [*longer, END], strict=True))
        assert moments[-1].truth is None


# What each rule says, on strings written by hand


@pytest.mark.parametrize(
    ("name", "prefix", "allowed"),
    [
        ("reber", "", "B"), ("reber", "BTBTX", "XS"), ("reber", "BPBTXSE", "P"), ("reber", "BPBTXSET", None),
        ("anbn", "", "a"), ("anbn", "aa", "ab"), ("anbn", "aab", "b"), ("anbn", "aba", None),
        ("anbn", "ax", None), ("anbn", ["a", "b", END], None),
        ("anbncn", "aabb", "c"), ("anbncn", "aabbc", "c"), ("anbncn", "abc", [END]),
        ("brackets", "", "(["), ("brackets", "([", "([]"), ("brackets", "(", "([)"), ("brackets", "(]", None),
        ("brackets", "()", ["(", "[", END]), ("brackets", "())", None),
        ("parity", "", "01"), ("parity", "011", "01="), ("parity", "011=", "0"), ("parity", "1=0", None),
        ("recall-keys3", "b", "01"), ("recall-keys3", "b1", "ac?"), ("recall-keys3", "b1a0c1", "?"),
        ("recall-keys3", "b1a0?", "ba"), ("recall-keys3", "b1b", None), ("recall-keys3", "b1?a", None),
        ("delay", "", "01"), ("delay", "1.", ".?"), ("delay", "1..?1", [END]), ("delay", "1?", None),
    ],
)  # fmt: skip
def test_the_rule_allows(name, prefix, allowed):
    moment = language_named(name).after(prefix)
    assert set(moment.allowed) == set(allowed or ())
    if allowed is None:
        assert moment == ((), None, None, {})
    else:
        only = moment.allowed[0] if len(moment.allowed) == 1 else None
        assert moment.decided == (CLOSES.get(prefix[-1:]) if name == "brackets" else only)


@pytest.mark.parametrize(
    ("name", "string", "tracked", "values"),
    [
        ("reber", "BTBPV", "state", ["0", "1", "2", "3", "5", "7"]),
        ("reber", "BTBPV", "T or P at first", [None, None, "T", "T", "T", "T"]),
        ("anbn", "aabb", "a so far", [0, 1, 2, 2, 2]),
        ("anbn", "aabb", "b to come", [0, 1, 2, 1, 0]),
        ("anbncn", "abc", "b to come", [0, 1, 0, 0]),
        ("anbncn", "aabbcc", "c to come", [0, 1, 2, 2, 2, 1, 0]),
        ("brackets", "([])", "depth", [0, 1, 2, 1, 0]),
        ("brackets", "([])", "the open bracket", ["none", "(", "[", "(", "none"]),
        ("parity", "101=0", "parity", ["even", "odd", "odd", "even", "even", "even"]),
        ("recall", "a1b0?a1", "pairs so far", [0, 0, 1, 1, 2, 2, 2, 2]),
        ("recall", "a1b0?a1", "the value asked for", [None] * 6 + ["1", "1"]),
        ("delay", "1..?1", "the bit", [None, "1", "1", "1", "1", "1"]),
        ("delay", "1..?1", "fillers so far", [0, 0, 1, 2, 2, 2]),
    ],
)
def test_what_is_hidden_in_a_string(name, string, tracked, values):
    assert [moment.hidden[tracked] for moment in language_named(name).moments(string)] == values


def test_beyond_the_bounds_the_rule_has_no_truth():
    language = language_named("anbn-n3")
    assert language.after("aaa").truth == {"b": 1.0}
    beyond = language.after("aaaa")
    assert (beyond.truth, set(beyond.allowed)) == (None, {"a", "b"})
    assert language.after("aaaabbb").decided == "b"
    deep = language_named("brackets-pairs4-depth2")
    assert deep.after("(([])").truth is None
    assert deep.after("(([]").decided == ")"
    assert language_named("delay-k3").after("1..?").truth is None


@pytest.mark.parametrize(
    ("name", "string"),
    [
        ("anbn", "a" * 5_000 + "b" * 5_000), ("brackets", "[" * 5_000 + "]" * 5_000),
        ("parity", "1" * 9_998 + "=0"), ("delay", "1" + "." * 9_997 + "?1"), ("anbncn", "a" * 10_000),
        ("reber", "BTBP" + "T" * 9_991 + "VVETE"), ("recall", "a1b0" * 2_500),
    ],
)  # fmt: skip
def test_ten_thousand_symbols_are_walked_along(monkeypatch, name, string):
    steps, after = [], Law.next_state
    monkeypatch.setattr(Law, "next_state", lambda *given: steps.append(given) or after(*given))
    *_, last = language_named(name).moments(string)
    allowed = name != "recall"
    assert len(steps) == (len(string) if allowed else 4)
    assert bool(last.allowed) == allowed


# Names and options


NO_LANGUAGES = {
    "dyck": "There is no language called 'dyck'. Choose one of: reber, anbn, anbncn",
    "anbn-n0": "Longest n must be between 1 and 500, got 0.",
    "reber-longest8": "Longest string must be between 9 and 300, got 8.",
    "brackets-opening99": "Opening must be between 5 and 95, got 99.",
    "delay-k": "The language delay has no option 'k'. Choose of: k1 to k1000, fillers1 to fillers8.",
    "delay-100": "has no option '100'",
    "parity-n5": "has no option 'n5'. Choose of: bits1 to bits1000.",
    "delay-k20": "without those at their usual value: write delay, not 'delay-k20'.",
    "delay-fillers2-k9": "write delay-k9-fillers2, not",
    "delay-k1-k9": "write delay-k9, not",
    "delay-k09": "write delay-k9, not",
}
test_what_is_no_language = refusals(
    ConfigError, {name: (partial(language_named, name), why) for name, why in NO_LANGUAGES.items()}
)


def test_options_stand_in_the_name():
    language = language_named("brackets-pairs8-opening40")
    assert (language.pairs, language.depth, language.opening) == (8, 5, 40)
    assert language.full_name == "brackets-pairs8-opening40"
    assert language.sizes == range(1, 9)
    assert language.longer_sizes == range(9, 21)


def test_the_document_names_every_language():
    text = (Path(__file__).parents[2] / "docs" / "languages.md").read_text(encoding="utf-8")
    for name in LANGUAGES:
        language = language_named(name)
        row = re.search(rf"^\| `{name}` \|.*\|$", text, re.MULTILINE)[0]
        assert f"{language.longer_sizes[0]} to {language.longer_sizes[-1]}" in row
        for option, declared in language.settings().items():
            assert f"`{option}` = {declared.default}" in text
    assert f"# {language_named('anbn-n3').after('aa')}" in text
    assert f"# {language_named('anbn').walk('aab').nodes}" in text
