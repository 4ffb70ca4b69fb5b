"""The truth of made-up languages on a page is that of Python, along right, wrong and longer strings."""

import random

import pytest

from rnn_core.export.bundle import PAGE
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.text.vocabulary import END, UNK
from tests.export.page.engines import asked_of, each_engine

NAMES = [
    *LANGUAGES,
    *(
        "reber-longest9",
        "reber-longest10",
        "reber-longest60",
        "anbn-n1",
        "anbn-n7",
        "anbncn-n1",
        "anbncn-n12",
    ),
    *("brackets-pairs1", "brackets-pairs6-depth1", "brackets-pairs40-depth3-opening95", "brackets-depth200"),
    *("brackets-pairs30-opening5", "parity-bits1", "parity-bits5", "recall-keys2", "recall-keys3-values10"),
    *("recall-keys26-values3", "delay-k1", "delay-k1-fillers8", "delay-k7-fillers2"),
]


def strings_of(language):
    """Right ones, longer ones, wrong ones, and symbols in any order: as lists of symbols."""
    rng = random.Random(0)
    drawn = [
        draw(rng) for draw in (language.draw, language.draw_longer, language.draw_wrong) for _ in range(12)
    ]
    mixed = ["".join(rng.choices(language.symbols, k=rng.randrange(1, 12))) for _ in range(30)]
    cut = [string[: rng.randrange(len(string) + 1)] for string in drawn[:12]]
    foreign = [
        [*drawn[0], END],
        [END],
        [UNK],
        [*drawn[0][:3], UNK, *drawn[0][3:]],
        [*drawn[0], END, *drawn[0]],
    ]
    strings = [[*string] for string in ["", *drawn, *mixed, *cut]]
    return [*strings, *foreign]


@pytest.fixture(scope="module")
def cases():
    """Each language with its strings, and the moments along each of them."""
    drawn = [(language, strings_of(language)) for language in map(language_named, NAMES)]
    return [
        (language, strings, [[*language.moments(string)] for string in strings])
        for language, strings in drawn
    ]


def test_a_page_knows_every_language():
    assert [name for name in LANGUAGES if not (PAGE / "languages" / f"{name}.js").is_file()] == []


@each_engine
def test_the_truth_along_a_string_is_that_of_python(request, cases, engine):
    answers = asked_of(engine, request)(
        "truths",
        [
            {
                "name": language.name,
                "options": {name: getattr(language, name) for name in language.settings()},
                "symbols": language.symbols,
                "strings": strings,
            }
            for language, strings, _ in cases
        ],
    )
    for (language, strings, expected), answer in zip(cases, answers, strict=True):
        for string, moments, along in zip(strings, expected, answer, strict=True):
            for t, (moment, found) in enumerate(zip(moments, along, strict=True)):
                where = (language.full_name, "".join(string), t)
                assert found["allowed"] == [*moment.allowed], where
                assert found["decided"] == moment.decided, where
                assert is_the_same(found["truth"], moment.truth), where


def is_the_same(found, truth):
    if found is None or truth is None:
        return found is truth
    return found.keys() == truth.keys() and all(abs(found[symbol] - p) < 1e-12 for symbol, p in truth.items())
