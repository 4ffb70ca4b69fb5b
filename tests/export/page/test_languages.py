"""A page says of made-up languages, of the truth and of what is predicted, what Python says."""

import math
import random

import numpy as np
import pytest

from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.trace import trace
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.text.vocabulary import END, UNK
from tests.export.made import pretrained
from tests.export.page.test_engine import stored

NAMES = [
    *LANGUAGES, "reber-longest9", "reber-longest60", "anbn-n1", "anbn-n7", "anbncn-n1", "anbncn-n12",
    "brackets-pairs1", "brackets-pairs6-depth1", "brackets-pairs40-depth3-opening95", "brackets-depth200",
    "brackets-pairs30-opening5", "parity-bits1", "parity-bits5", "recall-keys2", "recall-keys3-values10",
    "recall-keys26-values3", "delay-k1", "delay-k1-fillers8", "delay-k7-fillers2",
]  # fmt: skip
NETWORKS = ("tiny-anbn", "tiny-anbncn", "tiny-brackets", "tiny-delay", "tiny-parity", "tiny-reber")


def drawn(language, rng, count):
    """Strings that keep the rule, longer ones, and ones that break it."""
    ways = language.draw, language.draw_longer, language.draw_wrong
    return [draw(rng) for draw in ways for _ in range(count)]


def strings_of(language):
    """Right ones, longer ones, wrong ones, and symbols in any order: as lists of symbols."""
    rng = random.Random(0)
    strings = drawn(language, rng, 12)
    mixed = ["".join(rng.choices(language.symbols, k=rng.randrange(1, 12))) for _ in range(30)]
    cut = [string[: rng.randrange(len(string) + 1)] for string in strings[:12]]
    first = strings[0]
    foreign = [[*first, END], [END], [UNK], [*first[:3], UNK, *first[3:]], [*first, END, *first]]
    return [*([*string] for string in ["", *strings, *mixed, *cut]), *foreign]


@pytest.fixture(scope="module")
def cases():
    """Each language with its strings, and the moments along each of them."""
    drawn = [(language, strings_of(language)) for language in map(language_named, NAMES)]
    return [
        (language, strings, [[*language.moments(string)] for string in strings])
        for language, strings in drawn
    ]


def test_the_truth_along_a_string_is_that_of_python(ask, cases):
    answers = ask(
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
                if moment.truth is None:
                    assert found["truth"] is None, where
                else:
                    assert found["truth"] == pytest.approx(dict(moment.truth), rel=0, abs=1e-12), where


def texts_of(language):
    """Strings of all kinds, and ones with foreign symbols or longer than the window."""
    texts = drawn(language, random.Random(0), 4)
    foreign = [texts[0] + "x", "é" + texts[0], texts[0][:2] + "?!" + texts[0][2:], texts[0] + texts[0]]
    return [*texts, *foreign, texts[4] * 8, *language.symbols]


def test_what_comes_next_is_what_python_says(ask):
    models = [pretrained(name) for name in NETWORKS]
    texts = [texts_of(model.config.corpus.language) for model in models]
    answers = ask(
        "followings",
        [{"data": stored(model)[1], "texts": read} for model, read in zip(models, texts, strict=True)],
    )
    for model, read, answer in zip(models, texts, answers, strict=True):
        for text, found in zip(read, answer, strict=True):
            right, where = next_tokens(model, trace(model, text)), (model.name, text)
            assert tuple(found["names"]) == right.names, where
            assert [-1 if came is None else came for came in found["came"]] == right.came.tolist(), where
            assert found["expected"] == [right.names[k] for k in right.log2.argmax(axis=1)], where
            assert found["isJudged"] == right.is_judged.tolist(), where
            assert found["right"] == right.right.tolist(), where
            assert (found["firstWrong"], found["breaks"]) == (right.first_wrong, right.breaks), where
            assert found["withoutTruth"] == right.without_truth, where
            assert_close(found["surprise"], right.surprise, 1e-3, where)
            assert_close(found["trueSurprise"], right.true_surprise, 1e-5, where)


def assert_close(found, right, tolerance, where):
    numbers = [math.inf if value == "Infinity" else float(value) for value in found]
    np.testing.assert_allclose(numbers, right, rtol=tolerance, atol=tolerance, err_msg=str(where))
