"""The page reads, computes and says of made-up languages what Python does with the same stored weights."""

import itertools
import math
from dataclasses import asdict, replace
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pages.components.shared.token_strip import chips, shorten_cut
from rnn_core.config.identity import CLASSES
from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import EXACT_CHARACTERS, EXACT_WORDS, WORDS
from rnn_core.export.html import cells_of, network_data
from rnn_core.export.stored import STORAGES, store
from rnn_core.export.unicode_ranges import ranges_for
from rnn_core.figures.text import counted, isolated, percent, shorten, whole_percent
from rnn_core.inspection.clamps import Clamp, holdable, parse_clamps, read_clamped
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.trace import Trace, moves_of, norms, trace, turns_of
from rnn_core.languages.along import NONE
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.models.model import Model
from rnn_core.tasks.classes import log_odds_of, probabilities_of_classes
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import END, UNK, Vocabulary
from rnn_core.text.window import read_review
from rnn_core.writing.text import write
from tests.export.made import TEXTS, pretrained, small_model, small_models
from tests.languages.turns import Turns
from tests.writing.made import make_model as made_writer

TOLERANCE = 1e-4
TEXT = TEXTS[0]
EDGES = {
    "minlstm": ["f=0", "i=0", "f=0 i=0", "f=1 i=1", "f=0@3 i=1@3"],
    "slstm": ["f=0", "f=1", "o=0", "o=1 f=0@2:5", "d=0", "d=0@4:6", "m=0"],
    "rglru": ["r=0", "r=1", "a=0", "a=1", "a=1@2:5 i=1"],
    "gru": ["z=0", "z=1", "r=0", "z=0@3:6#1,3-4 n=1"],
    "lstm": ["f=1 i=0", "o=0", "c=3@4"],
}
"""Holds at the ends of the gates, by cell."""


def stored(model, storage="float32"):
    """The model with its weights as the page reads them, and what the page is given."""
    classifier, tensors = store(model.classifier, STORAGES[storage])
    rounded = Model(name=model.name, config=model.config, vocabulary=model.vocabulary, classifier=classifier)
    data = network_data(rounded, SimpleNamespace(name=storage, sentence="", tensors=tensors))
    [cell] = cells_of([model]).values()
    return rounded, {**data, "unicode": ranges_for(model.config.tokens), "cell": cell}


def drawn_clamps(before, draw):
    """A few clamps of a trace: any quantity, at any value it can have, some time, in some units."""
    T, H = before.arrays["h"].shape
    clamps = []
    for _ in range(draw.randint(1, 3)):
        symbol = draw.choice(holdable(before.declared))
        low, high = symbol.bounds or (-2.0, 2.0)
        first = draw.randrange(T)
        clamps.append(
            Clamp(
                letter=symbol.letter,
                value=draw.choice([low, min(high, 2.0), draw.uniform(low, min(high, 2.0))]),
                first=first,
                last=draw.choice([None, first, draw.randrange(first, T)]),
                units=draw.choice([None, tuple(sorted(draw.sample(range(H), draw.randint(1, H))))]),
            )
        )
    return clamps


def reading(before, clamps=()):
    """The question to the page, to which this trace of a model is the answer."""
    return {"text": TEXT, "layer": before.layer, "holds": [*map(asdict, clamps)]}


def readings_of(model, edges=None):
    """Yield each question and the trace that answers it: each layer, then with something held."""
    draw = Random(model.name)
    plain = [trace(model, TEXT, 0, layer) for layer in range(1, model.config.model.layers + 1)]
    before = draw.choice(plain)
    held = [drawn_clamps(before, draw)] if edges is None else map(parse_clamps, edges)
    return [(reading(one), one) for one in plain] + [
        (reading(before, clamps), read_clamped(model, before, clamps)) for clamps in held
    ]


def assert_computed(ask, networks):
    """Logits and every quantity are those of Python, to TOLERANCE of themselves, and of 1 where smaller."""
    questions = [{"data": data, "readings": [asked for asked, _ in read]} for data, read in networks]
    for (data, readings), ours in zip(networks, ask("computed", questions), strict=True):
        for (asked, said), one in zip(readings, ours, strict=True):
            what = (data["name"], data["model"], data["storage"]["name"], asked)
            assert one["ids"] == [*said.review.ids], what
            assert one["arrays"].keys() == said.arrays.keys(), what
            pairs = {letter: (one["arrays"][letter], values) for letter, values in said.arrays.items()}
            pairs |= {"answers": (one["answers"], said.answers), "last": (one["last"], said.answers[-1])}
            for name, (computed, theirs) in pairs.items():
                theirs = theirs.ravel().astype(np.float64)
                off = np.abs(np.array(computed, np.float64) - theirs) / np.maximum(1, np.abs(theirs))
                assert off.max() <= TOLERANCE, (name, off.max(), what)  # nor is any of them NaN


@pytest.fixture(scope="module")
def networks():
    """Data of networks with each two settings, in each storage, and their readings."""
    models = [stored(model, [*STORAGES][place % 3]) for place, model in enumerate(small_models())]
    return [(data, readings_of(model)) for model, data in models]


def test_the_page_computes_what_python_does(ask, networks):
    assert_computed(ask, networks)


def test_gates_that_are_held_at_their_ends_are(ask):
    models = [(*stored(small_model(variant=cell)), edges) for cell, edges in EDGES.items()]
    assert_computed(ask, [(data, readings_of(model, edges)) for model, data, edges in models])


@pytest.mark.parametrize(("cell", "gate"), [("minlstm", "f"), ("slstm", "f"), ("rglru", "r")])
def test_words_far_out_do_not_make_a_share_of_nothing(ask, cell, gate):
    model = small_model(variant=cell)
    with torch.no_grad():
        model.classifier.cell.W.mul_(60)  # gates that 32 bits can't tell from 0
    model, data = stored(model)
    readings = readings_of(model, [])
    assert readings[0][1].arrays[gate].min() < 1e-30
    assert_computed(ask, [(data, readings)])


@pytest.mark.parametrize("K", [1, 3])
def test_of_answers_is_said_what_python_says(ask, K):
    T, H = 60, 4
    draw = np.random.default_rng(K)
    answers = draw.normal(size=(T, K)).cumsum(axis=0).astype(np.float32)
    answers[:6, 0] = 0.0, 0.61, -0.61, 0.63, 200.0, -200.0  # 0.62 is the logit of 65 %
    states = draw.normal(size=(T, H)).astype(np.float32) * 1e10
    given = {"answers": answers.ravel().tolist(), "T": T, "followed": 0, "states": states.ravel().tolist()}
    found = ask("said", given)
    for name, expected in {
        "probabilities": probabilities_of_classes(answers).ravel(),
        "logOdds": log_odds_of(answers, 0),
        "moves": moves_of(answers, 0),
        "norms": norms(states),
    }.items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-5, atol=1e-5, err_msg=name)
    assert len(found["turns"]) > 2
    assert dict(found["turns"]) == turns_of(answers)


NAMES = [
    *LANGUAGES, "reber-longest9", "reber-longest60", "anbn-n1", "anbncn-n1", "brackets-pairs1",
    "brackets-pairs6-depth1", "brackets-pairs40-depth3-opening95", "brackets-depth200", "parity-bits1",
    "recall-keys2", "recall-keys3-values10", "recall-keys26-values3", "delay-k1", "delay-k1-fillers8",
]  # fmt: skip
NETWORKS = ("tiny-anbn", "tiny-anbncn", "tiny-brackets", "tiny-delay", "tiny-parity", "tiny-reber")


def drawn(language, rng, count):
    """Strings that keep the rule, longer ones, and ones that break it."""
    ways = language.draw, language.draw_longer, language.draw_wrong
    return [draw(rng) for draw in ways for _ in range(count)]


def strings_of(language):
    """Right ones, longer ones, wrong ones, and symbols in any order: as lists of symbols."""
    rng = Random(0)
    strings = drawn(language, rng, 12)
    mixed = ["".join(rng.choices(language.symbols, k=rng.randrange(1, 12))) for _ in range(30)]
    cut = [string[: rng.randrange(len(string) + 1)] for string in strings[:12]]
    first = strings[0]
    foreign = [[*first, END], [END], [UNK], [*first[:3], UNK, *first[3:]], [*first, END, *first]]
    return [*([*string] for string in ["", *strings, *mixed, *cut]), *foreign]


@pytest.fixture(scope="module")
def cases():
    """Each language, and a made-up one, with its strings, and the moments along each of them."""
    drawn = [(language, strings_of(language)) for language in (*map(language_named, NAMES), Turns())]
    return [(one, strings, [[*one.moments(string)] for string in strings]) for one, strings in drawn]


def test_the_truth_along_a_string_is_that_of_python(ask, cases):
    asked = [
        {"language": {"law": language.law.to_dict(), "rivals": language.rivals}, "strings": strings}
        for language, strings, _ in cases
    ]
    for (language, strings, expected), answer in zip(cases, ask("truths", asked), strict=True):
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
    texts = drawn(language, Random(0), 4)
    foreign = [texts[0] + "x", "é" + texts[0], texts[0][:2] + "?!" + texts[0][2:], texts[0] + texts[0]]
    return [*texts, *foreign, texts[4] * 8, *language.symbols]


def writers():
    """Networks of exact tokens, whose texts end, or do not."""
    for rules, symbols in ((EXACT_WORDS, ("the", " ", "film", "\n", ".")), (EXACT_CHARACTERS, (*"abc \n.",))):
        for ends, windows, settings in ((True, "carried", {"layers": 2}), (False, "first", {"bigrams": 8})):
            model = made_writer(rules=rules, symbols=symbols, **settings)
            config = replace(model.config, texts_end=ends).with_settings(windows=windows, max_length=90)
            yield replace(model, config=config)


OF_WRITERS = ("the film.\n\nthe", "a cab.\r\nb", "\n", " ", "Zebra e\u0301", "abc " * 30)


def test_what_comes_next_is_what_python_says(ask):
    models = [*map(pretrained, NETWORKS), *writers()]
    languages = [model.config.corpus.language for model in models]
    texts = [OF_WRITERS if language is None else texts_of(language) for language in languages]
    asked = [{"data": stored(model)[1], "texts": read} for model, read in zip(models, texts, strict=True)]
    for model, read, answer in zip(models, texts, ask("followings", asked), strict=True):
        for text, found in zip(read, answer, strict=True):
            right, where = next_tokens(model, trace(model, text)), (model.name, text)
            is_judged = right.is_judged.copy()
            if model.config.corpus.language is None and found["T"] > len(tokenize(text, model.config.tokens)):
                right.came[-1], is_judged[-1] = NONE, False  # a text that is being written is open
            assert tuple(found["names"]) == right.names, where
            assert [-1 if came is None else came for came in found["came"]] == right.came.tolist(), where
            assert found["expected"] == [right.names[k] for k in right.log2.argmax(axis=1)], where
            assert found["isJudged"] == is_judged.tolist(), where
            assert found["right"] == right.right.tolist(), where
            wrong = np.flatnonzero(is_judged & ~right.right).tolist()
            assert (found["firstWrong"], found["breaks"]) == ((*wrong, None)[0], right.breaks), where
            assert found["withoutTruth"] == right.without_truth, where
            assert_close(found["surprise"], right.surprise, 1e-3, where)
            assert_close(found["trueSurprise"], right.true_surprise, 1e-5, where)


def test_the_page_writes_what_python_writes(ask):
    """Seeds and temperatures choose the same symbols, with something held, across 256 random numbers."""
    models, held = [pretrained("tiny-anbn"), *writers()], parse_clamps("h=0.2@2:7")
    ways = [("", 0, 0, []), ("aab", 0.7, 7, []), ("", 2, 2**31 - 1, []), ("aab", 0.7, 7, held)]
    hows = [{"text": text, "temperature": t, "seed": n, "holds": [*map(asdict, c)]} for text, t, n, c in ways]
    asked = [{"data": stored(model)[1], "length": 300, "ways": hows} for model in models]
    for model, texts in zip(models, ask("continuations", asked), strict=True):
        for (text, temperature, seed, clamps), symbols in zip(ways, texts, strict=True):
            right = write(model, text, length=300, temperature=temperature, seed=seed, clamps=clamps)
            assert tuple(symbols) == right.tokens, (model.config.tokens, text, temperature, clamps)


def assert_close(found, right, tolerance, where):
    numbers = [math.inf if value == "Infinity" else float(value) for value in found]
    np.testing.assert_allclose(numbers, right, rtol=tolerance, atol=tolerance, err_msg=str(where))


def test_app_and_page_write_numbers_and_names_alike(ask):
    """A wide sign takes the room of two letters; nearly all is not all; right to left is isolated."""
    unseen = [*" \n\xa0\x00\ue000\U000e0001\u0301", "\r\n", "\t\t", "\u2028\u200b", "a b"]
    words = "boring wonderful 素晴らしい映画 한국어 ＷＩＤＥ ｶﾀｶﾅ 🎬🎬🎬🎬 🇩🇪🇫🇷 naïve חיוב filmفيلم ٣"
    long = ["", *unseen, *words.split()]
    texts = [*itertools.product(long, range(1, 15))]
    shares = [0, 0.0004, 0.0006, 0.004, 0.006, 0.0497, 0.5, 0.614, 0.9236, 0.994, 0.996, 0.9994, 0.9996, 1]
    times = [0, 9, 998, 999, 1_234_566]
    said = ask("words", {"texts": texts, "shares": shares, "times": times})
    assert said == {
        "shorten": [isolated(shorten(text, most)) for text, most in texts],
        "percent": [*map(percent, shares)],
        "wholePercent": [*map(whole_percent, shares)],
        "counted": [*map(counted, times)],
    }


def test_app_and_page_draw_the_same_chips(ask):
    """Both keep of a long text what is next to the window."""
    vocabulary, given, of_app = Vocabulary.from_counts({"1": 2, "12": 1}, 9), [], []
    windows = {"max_length": 10}, {"max_length": 10, "truncation": "post"}, {"max_length": 900}
    for count, settings, rules in itertools.product((3, 22, 23, 40, 3_000), windows, (WORDS, EXACT_WORDS)):
        read = read_review(" ".join(map(str, range(count))), vocabulary, TextConfig(**settings), rules)
        seen = {"tokens": read.tokens, "unknown": read.unknown, "window": read.window}
        given.append({**seen, "kept": [*read.kept.indices(len(read.tokens))[:2]]})
        answers = np.zeros((len(read.window), 1), np.float32)
        traced = Trace(cell="gru", review=read, arrays={}, answers=answers, classes=CLASSES, followed=1)
        of_app.append([[chip.text, chip.kind, chip.step] for chip in shorten_cut(chips(traced))])
    assert ask("strips", given) == of_app
    assert of_app[1][2][0] == "␣"  # of exact words
