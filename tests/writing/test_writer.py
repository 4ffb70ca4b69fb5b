"""A network that writes: what it computes is what it reads, it goes back and branches, gates are held."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from rnn_core.config.tokens import EXACT_CHARACTERS, EXACT_WORDS
from rnn_core.errors import ClampError, GatescopeError
from rnn_core.inspection.clamps import Clamp, Patch, parse_clamps, read_clamped
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.trace import trace, trace_tokens
from rnn_core.languages.along import NONE
from rnn_core.symbols import CELLS
from rnn_core.tasks.next_token import NextToken
from rnn_core.text.vocabulary import END, UNK
from rnn_core.writing import writer as writers
from rnn_core.writing.choice import Choosing
from rnn_core.writing.text import write
from rnn_core.writing.writer import Writer
from tests.export.made import pretrained
from tests.refusals import refusals
from tests.writing.made import SYMBOLS, close, log2_after, make_model

TYPED = ("the", "film", "is", "zither", "good")
"""One word is unknown."""
ONE_WORD = {"symbols": ("the",)}
INPUTS = [{"input": "one-hot"}, {"bigrams": 12, "layers": 2}, ONE_WORD, {**ONE_WORD, "head": "two-logit"}]
CELLS_AND_LAYERS = [{"cell": cell, "layers": layers} for cell in CELLS for layers in (1, 2)]


def wrote(model, beginning=TYPED, length=12, how=Choosing(seed=3), **held):  # noqa: B008
    """A writer that wrote on."""
    writer = Writer(model, beginning, **held)
    for _ in range(length):
        symbol = writer.choose(how)
        writer.write(symbol if symbol != END else model.vocabulary.words[-1])
    return writer


def same_trace(got, expected):
    """Compares all that two traces have."""
    assert got.review == expected.review
    assert got.classes == expected.classes
    assert got.arrays.keys() == expected.arrays.keys()
    for letter in got.arrays:
        close(got.arrays[letter], expected.arrays[letter])
    close(got.answers, expected.answers, atol=1e-4)


@pytest.mark.parametrize("settings", [*CELLS_AND_LAYERS, *INPUTS], ids=str)
def test_what_it_computes_is_what_it_reads(settings):
    model = make_model(**settings)
    writer = wrote(model)
    for layer in range(1, model.config.model.layers + 1):
        read = trace_tokens(model, writer.symbols, layer=layer)
        got = writer.trace(layer)
        same_trace(got, read)
        assert got.begin.keys() == read.begin.keys()
    found = next_tokens(model, read)
    close(writer.bits, found.surprise[:-1])
    assert np.isnan(writer.bits[3])
    close(2**writer.log2, 2 ** log2_after(model, writer.symbols))
    close(writer.next_tokens().log2, found.log2, atol=1e-4)
    assert writer.next_tokens().came.tolist() == [*found.came[:-1], NONE]


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("held", ["h=0.5@2#1", "h=-1@9:11 h=0#3", "z=0 z=1@7:", "h=0.2@100"])
def test_what_is_held_while_it_reads_and_writes(cell, held, layer):
    clamps = parse_clamps(held.replace("z", "f") if cell == "lstm" else held)
    model = make_model(cell=cell, layers=2)
    writer = wrote(model, clamps=clamps, layer=layer)
    plain = trace_tokens(model, writer.symbols, layer=layer)
    reached = [clamp for clamp in clamps if clamp.first < len(plain.answers)]
    same_trace(writer.trace(), read_clamped(model, plain, reached))
    assert (writer.log2.tolist() == wrote(model).log2.tolist()) == (not reached)


def test_a_state_of_another_text_is_put_in():
    model = make_model(cell="lstm")
    other = trace_tokens(model, ["bad", "bad", "is"])
    patches = [Patch(source=other, token=2, at=8), Patch(source=other, token=1, at=900)]
    writer = wrote(model, patches=patches)
    same_trace(writer.trace(), read_clamped(model, trace_tokens(model, writer.symbols), patches=patches[:1]))
    assert writer.trace().arrays["c"][8].tolist() == other.arrays["c"][2].tolist()


def test_a_beginning_is_read_in_pieces(monkeypatch):
    model, tokens = make_model(layers=2), [*TYPED] * 9
    whole = Writer(model, tokens)
    monkeypatch.setattr(writers, "_PIECE", 7)
    pieces = Writer(model)
    progress = [step.done for step in pieces.reading(tokens)]
    assert progress == [*range(7, 45, 7), 45]
    close(pieces.bits, whole.bits)
    same_trace(pieces.trace(), whole.trace())


def test_the_same_seed_writes_the_same_text():
    model = make_model()
    texts = [write(model, "the film", length=40, seed=seed) for seed in (1, 1, 2)]
    assert texts[0].tokens == texts[1].tokens != texts[2].tokens
    assert texts[0].bits == texts[1].bits
    assert repr(texts[0]) == texts[0].text
    assert write(model, "the film", length=0).text == "the film"


def test_a_shorter_text_begins_a_longer_one():
    """Written symbols may also be typed: the random numbers are those of the place in the text."""
    on = partial(write, make_model(), temperature=0.8, top_k=4, seed=5)
    long, short = on("the film", length=30), on("the film", length=11)
    assert long.tokens == short.tokens + on(short.text, length=19).tokens


def test_back_and_again_writes_the_same_text():
    model = make_model(layers=2)
    writer = wrote(model)
    symbols, bits, log2 = [*writer.symbols], [*writer.bits], writer.log2
    writer.back(10)
    assert writer.symbols == symbols[:-10]
    close(writer.log2, log2_after(model, symbols[:-10]))
    for symbol in symbols[-10:]:
        writer.write(symbol)
    assert writer.bits == [*bits[:3], writer.bits[3], *bits[4:]]
    assert writer.log2.tolist() == log2.tolist()


def test_a_branch_leaves_the_other_one_alone():
    writer = wrote(make_model())
    branch, symbols, log2 = writer.copy(), [*writer.symbols], writer.log2
    branch.back(3)
    branch.write("bad")
    assert (writer.symbols, writer.log2.tolist()) == (symbols, log2.tolist())
    assert branch.symbols == [*symbols[:-3], "bad"]
    close(branch.log2, log2_after(branch.model, branch.symbols))


@pytest.mark.parametrize("count", [1, 3, 4, 5, 16, 17])
def test_it_goes_back_further_than_it_kept(monkeypatch, count):
    model = make_model(cell="lstm")
    monkeypatch.setattr(writers, "_BYTES_KEPT", 5 * (4_096 + (6 * 5 + 6) * 4))  # five moments
    writer = wrote(model)
    last, whole = writer.trace(), trace_tokens(model, writer.symbols)
    assert last.review.window == whole.review.window[-4:]
    close(last.arrays["c"], whole.arrays["c"][-4:])
    close(last.states_before(0)["h"], whole.arrays["h"][-5])
    close(writer.next_tokens().surprise[:-1], writer.bits[-3:])
    assert writer.trace(last=2).review.window == whole.review.window[-2:]
    close(writer.trace(last=2).states_before(0)["c"], whole.arrays["c"][-3])
    assert writer.next_tokens().along is None
    writer.back(count)
    left = writer.symbols
    assert len(left) == len(writer.bits) == 17 - count
    if left:
        close(writer.log2, log2_after(model, left))
        assert writer.trace().review.window[-1] == (left[-1] if left[-1] in SYMBOLS else UNK)


def test_after_an_end_the_next_text_begins():
    model = make_model(bigrams=12, layers=2)
    writer = wrote(model, ["the", END, *TYPED])
    same_trace(writer.trace(), trace_tokens(model, writer.symbols[2:]))
    writer.write(END)
    assert writer.trace().review.window == ("<start>",)
    fresh = Writer(model)
    assert writer.log2.tolist() == fresh.log2.tolist()
    writer.back(len(TYPED) + 13)
    assert writer.symbols == ["the", END]
    assert writer.log2.tolist() == fresh.log2.tolist()


def test_the_network_ends_a_text_or_goes_on():
    model = make_model()
    with torch.no_grad():
        model.classifier.head.bias[0] += 6.0  # <end>
    ended = write(model, "the film", length=50, seed=2)
    assert ended.is_ended
    assert (ended.tokens[-1], len(ended.tokens) < 50) == (END, True)
    assert ended.writer.symbols == [*ended.beginning, *ended.tokens[:-1]]
    assert ended.text == " ".join(ended.writer.symbols)
    on = write(model, "the film", length=50, seed=2, goes_on=True)
    assert on.tokens[: len(ended.tokens)] == ended.tokens
    assert len(on.tokens) == 50
    assert on.bits[: len(ended.bits)] == ended.bits
    assert on.text.split("\n")[0] == ended.text
    to_its_end = write(model, "the film", length=len(ended.tokens), seed=2, goes_on=True)
    assert (to_its_end.tokens, to_its_end.is_ended) == (ended.tokens, False)


@pytest.mark.parametrize("how", [{"temperature": 2.0}, {"temperature": 0}, {"beam": 3}], ids=str)
def test_unknown_and_endless_are_never_written(monkeypatch, how):
    """Networks like those where <unk> counts among what comes, and texts are pieces of longer ones."""
    monkeypatch.setattr(NextToken, "answers", lambda self, config, words: words.words[2:])
    monkeypatch.setattr(NextToken, "classes", lambda self, config, size: size - 2)
    model = make_model()
    model = replace(model, config=replace(model.config, data="own", texts_end=False))
    with torch.no_grad():
        model.classifier.head.bias[:2] += 6.0
    writer = Writer(model, TYPED)
    assert writer.bits[3] == pytest.approx(-log2_after(model, TYPED[:3])[0], abs=1e-5)
    probabilities = writer.probabilities(Choosing(temperature=1))
    assert probabilities[:2].tolist() == [0, 0]
    close(probabilities[2:], 2 ** writer.log2[2:] / (2 ** writer.log2[2:]).sum())
    written = write(model, "the film", length=60, **how)
    assert len(written.tokens) == 60
    assert {*written.tokens} <= {*SYMBOLS}
    assert min(written.bits) > 2  # as probable as the network finds them, among all


@pytest.mark.parametrize("rules", [EXACT_CHARACTERS, EXACT_WORDS], ids=["characters", "words"])
def test_exact_tokens_joined_are_the_text(rules):
    written = write(make_model(symbols=("a", "B", "\n", " "), rules=rules), "a  B.\n\n", length=40)
    assert written.text == "a  B.\n\n" + "".join(written.tokens)
    assert {"B", "\n", " "} < {*written.tokens}


def test_at_temperature_zero_the_rule_is_kept():
    model = pretrained("tiny-anbn")
    for n in (2, 5, 9):
        written = write(model, "a" * n + "b", temperature=0)
        assert written.text == "a" * n + "b" * n
        assert written.is_ended
    assert Writer(model, "aab").next_tokens().along.allowed.shape == (4, 3)


def test_an_empty_beginning_begins_at_start():
    model = make_model()
    for nothing in ("", "  ,;", []):
        assert Writer(model, nothing).symbols == []
    first = trace(model, "the")
    close(2 ** Writer(model).log2, first.probabilities_of_classes[0])


def overflowing():
    model = make_model(cell="elman")
    with torch.no_grad():
        model.classifier.head.weight.fill_(3e38)
    return model


def without_symbols():
    model = make_model(symbols=(), rules=EXACT_CHARACTERS)
    return replace(model, config=replace(model.config, texts_end=False))


def hold(clamp, **more):
    return Writer(make_model(layers=2), clamps=[Clamp.parse(clamp)], **more)


def patch(time, **settings):
    source = trace(make_model(), "the")
    return Writer(make_model(**settings), patches=[Patch(source=source, token=time, at=900)])


test_what_cannot_be_held_is_refused = refusals(
    ClampError,
    {
        "no such gate": (lambda: hold("f=1"), "has no quantity called 'f'"),
        "no such value": (lambda: hold("z=2"), "must be held between 0 and 1, got 2"),
        "no such unit": (lambda: hold("z=0@900:#5"), "There are 5 units, counted from 0 to 4, got 5"),
        "backwards": (lambda: hold("z=0@9:4"), "must end at 9"),
        "too many": (lambda: Writer(make_model(), clamps=parse_clamps("z=0 ") * 21), "At most 20 clamps"),
        "another layer": (lambda: patch(0, layers=2), "let the same network read both texts"),
        "no time step": (lambda: patch(2), "There are 2 time steps in the other text"),
    },
)
BEAMS = "does nothing to a beam search, which looks for the most probable text: leave it at 0.7, got 0.5"
NO_TEXT = "not what comes next", "page Read", "predict"
test_what_cannot_be_asked_is_refused = refusals(
    GatescopeError,
    {
        "layer": (lambda: hold("z=0", layer=3), "The layer must be between 1 and 2, got 3"),
        "text": (lambda: write(make_model(), None), "A text must be a str"),
        "back": (lambda: Writer(make_model(), "the").back(2), "go back by 0 to 1 symbols, got 2"),
        "half a symbol": (lambda: Writer(make_model(), "the").back(1.0), "0 to 1 symbols, got 1.0"),
        "length": (lambda: write(make_model(), length=-1), "Length must be between 0 and 100,000"),
        "setting": (lambda: write(make_model(), lenght=3), "no setting called 'lenght'"),
        "beams": (lambda: write(make_model(), beam=11), "Beam search must be between 0 and 10, got 11"),
        "hot beams": (lambda: write(make_model(), beam=2, temperature=0.5), BEAMS),
        "a verdict": (lambda: write(pretrained("gru")), NO_TEXT),
        "nothing": (lambda: Writer(without_symbols()), "made can write nothing: its vocabulary has no token"),
        "start": (lambda: Writer(make_model(), ["the", "<start>"]), "<start> is no symbol of a text."),
        "padding": (lambda: Writer(make_model()).write("<pad>"), "<pad> is no symbol of a text."),
        "overflow": (lambda: Writer(overflowing()), "overflows at token 1 of 1, “<start>”"),
    },
)
