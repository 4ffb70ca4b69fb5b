"""Truths of real texts by cases worked by hand, and units that keep track of them."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_core.config.tokens import EXACT_CHARACTERS, EXACT_WORDS
from rnn_core.errors import ConfigError, DataError
from rnn_core.inspection import keeping_track
from rnn_core.inspection.keeping_track import EXPRESSION, track
from rnn_core.inspection.text_truths import TRUTHS
from rnn_core.inspection.trace import trace
from rnn_core.progress import finish
from rnn_core.text import expression
from rnn_core.text.expression import inside_all, inside_matches
from rnn_core.text.tokenizer import tokenize
from tests.inspection.test_language_networks import scored_slowly
from tests.refusals import refusals
from tests.writing.made import make_model, real_texts

SAID = {"yes": "y", "no": " "}
WORKED_BY_HAND = [
    ("inside quotes", """Don't "say 'so'" or "I'm\n\n"he""", "      yyyyyyyyy     yyyyy yyy"),
    ("inside quotes", "“He said “no”.” He «had».", "yyyyyyyyyyyyyy     yyyy  "),
    ("inside quotes", '„Ja“ ”no” "a\nb"', "yyy       yyyy "),
    ("inside quotes", '(") “a" b', " yyyyy   "),
    ("depth of brackets", "a(b[c])d) (\n(\n \n:) {x", "011221000011222000011"),
    ("inside a capitalised word", "The élan Don't 'Élan x1 X1' B’s", "yyy      yyyyy  yyyy    yyy yyy"),
    ("place in the word", "It's 'a’ b2 ''हिन्दी-x", "1234001201200012345601"),
    ("place in the sentence", '  Oh.  "No!" 3.5 (x).\n\nb\nc', "00123001234501234567800123"),
    ("place in the line", "ab\nc\r\n\nd", "12012001"),
]


@pytest.mark.parametrize(("name", "text", "expected"), WORKED_BY_HAND)
def test_a_truth_is_as_worked_by_hand(name, text, expected):
    along, cut = TRUTHS[name].along, tokenize(text, EXACT_WORDS)
    found = along(list(text))
    assert "".join(SAID.get(one, str(one)) for one in found) == expected
    assert [along(list(text[:end]))[-1] for end in range(1, len(text) + 1)] == found  # whatever comes
    assert along(cut) == [found[end - 1] for end in np.cumsum([*map(len, cut)])]


MATCHES = {
    r'"[^"]*"': ('a "b" c" d', "  yyy  yyy"),
    r"\(.*?\)": ("(a) (b", "yyy yy"),
    r"\bnot\b": ("not no nothing", "yyy yy yyy    "),
    r"x(?=yz)|(?<=x)y": ("xyz xy", "yy  yy"),
    "a*": ("aab", "yy "),
    "$": ("ab", "  "),
}


@pytest.mark.parametrize(("pattern", "read"), MATCHES.items(), ids=MATCHES)
def test_a_match_does_not_leak_its_end(pattern, read):
    text, expected = read
    begun = inside_all(pattern, [text[:end] for end in range(1, len(text) + 1)])
    assert "".join(SAID[of[-1]] for of in begun) == expected
    assert begun[-1] == [of[-1] for of in begun]


def given_up(pattern, said):
    def ask(monkeypatch):
        monkeypatch.setattr(expression, "SECONDS", 0.5)
        finish(inside_matches(pattern, ["a" * 60 + "b"]))

    return ask, said


test_an_expression_is_refused_or_given_up = pytest.mark.slow(
    refusals(ConfigError, {
        "none": given_up("(a", "This is no regular expression: missing ) at position 2."),
        "too long": given_up("a" * 201, "at most 200 characters, got 201"),
        "takes time": given_up("(a|aa)+$", "takes more than 0.5 s or 1 GB"),
        "takes memory": given_up("(?R)", "takes more than 0.5 s or 1 GB"),
    })
)  # fmt: skip


@pytest.fixture
def texts(tmp_path):
    return real_texts(tmp_path / "own")


@pytest.fixture
def model(texts):
    return make_model(symbols=texts.words[:-2], rules=EXACT_CHARACTERS)


@pytest.mark.slow
def test_a_planted_unit_is_found_in_real_texts(texts, model, monkeypatch):
    """And all scores are those of a second computation."""
    all_scores, compare = {}, keeping_track.compare

    def planted(strings, name, values, begun):
        truth = strings.hidden[name]
        values[:, 3] = truth == "yes" if truth.dtype == object else np.nan_to_num(truth)
        all_scores[name] = scored_slowly(truth, values, strings.last, strings.chooses, strings.scores)
        return compare(strings, name, values, begun)

    monkeypatch.setattr(keeping_track, "compare", planted)
    found = finish(track(model, corpus=texts, expression=r"so\b"))
    assert [*found.tracked] == [*TRUTHS, "label of the text", EXPRESSION]
    for name, (_, scores, by_last) in all_scores.items():
        of = found.tracked[name]
        np.testing.assert_allclose(of.scores, scores, atol=1e-9)
        assert of.by_last == pytest.approx(by_last)
        assert name == "label of the text" or (of.best, of.score) == (3, pytest.approx(1))
    assert found.frame().columns[-2] == "last_six"


def test_pieces_are_validation_texts_as_they_are_read(texts, model, monkeypatch):
    number = texts.indices("validation")[0]
    found = finish(track(model, corpus=texts))
    strings, first = found.strings, found.strings.string_numbers == 0
    assert len(strings.texts) == 20
    assert not (strings.chooses & strings.scores).any()
    read = trace(model, texts.text(int(number)))
    np.testing.assert_allclose(found.values[first], read.arrays["h"], atol=1e-5)
    assert strings.tokens[first].tolist() == list(read.review.window)
    assert {*strings.hidden["label of the text"][first][1:]} == {texts.classes[texts.labels[number]]}
    monkeypatch.setattr(keeping_track, "_LONGEST_PIECE", 10)  # a few long texts are cut into pieces
    pieces = finish(track(model, corpus=texts)).strings
    assert (pieces.encoded.lengths().max(), len(pieces.texts)) == (11, 60)
    short = replace(model, config=model.config.with_settings(max_length=4))
    assert finish(track(short, corpus=texts)).strings.encoded.lengths().max() == 4
    with pytest.raises(DataError, match="is not the one that made learned from"):
        finish(track(model, corpus=replace(texts, texts_end=False)))
