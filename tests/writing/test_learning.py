"""A network that learns while it reads, against autograd over the naive form, block by block."""

import copy
import math

import pytest
import torch

from rnn_core.errors import GatescopeError
from rnn_core.nn.classifier import ids_before
from rnn_core.text.vocabulary import END
from rnn_core.writing.learning import LearningReader
from rnn_core.writing.writer import Writer
from tests.inspection.made import make_model as make_classifier
from tests.refusals import refusals
from tests.writing.made import close, make_model

TOKENS = ["the", "film", "is", "good", "zither", "the", "film", "is", "bad", "the", "film"] * 2
CELLS = [{"input": "one-hot"}, {"cell": "lstm", "layers": 2}, {"bigrams": 12}, {"symbols": ("the",)}]


def read_slowly(model, tokens, rate, decay, block):
    """Bits of each token and of `<end>`, by the equations word for word; and the weights in the end."""
    network = copy.deepcopy(model.classifier)
    first = [weight.detach().clone() for weight in network.parameters()]
    ids = torch.tensor([1, *model.vocabulary.encode(tokens)])
    before, names = ids_before(ids), [END, *model.vocabulary.words[4:]]
    targets = [names.index(one) if one in names else None for one in (*tokens, END)]
    squares = [torch.zeros_like(weight) for weight in first]
    states, bits = [cell.initial_state(1) for cell in network.layers], []
    for begin in range(0, len(targets), block):
        losses = []
        for t in range(begin, min(begin + block, len(targets))):
            x = network.embed(ids[t : t + 1], before[t : t + 1])
            for number, cell in enumerate(network.layers):
                step = cell.naive(x, states[number])
                x, states[number] = step[0], step[: cell.state_size]
            logits = network.head(x)[0]
            logits = torch.cat([torch.zeros(1), logits]) if len(logits) == 1 else logits
            loss = None if targets[t] is None else -logits.log_softmax(0)[targets[t]]
            bits.append(math.nan if loss is None else loss.item() / math.log(2))
            losses += [] if loss is None else [loss]
        weights = list(network.parameters())
        gradients = torch.autograd.grad(torch.stack(losses).mean(), weights, allow_unused=True)
        with torch.no_grad():
            for weight, w0, g, v in zip(weights, first, gradients, squares, strict=True):
                if g is not None:
                    v += g * g
                    rms = (v / (begin // block + 1)).sqrt()
                    weight.copy_(weight - rate * g / (rms + 1e-4) + decay * (w0 - weight))
        network.constrain()
        states = [tuple(part.detach() for part in state) for state in states]
    return bits, weights


@pytest.mark.parametrize("settings", CELLS, ids=str)
@pytest.mark.parametrize(("rate", "decay"), [(0.03, 0.0), (0.01, 0.2), (0.02, 1.0), (0.0, 0.5)])
def test_each_block_is_scored_and_then_learned_from(settings, rate, decay):
    model = make_model(**settings)
    reader = LearningReader(model, rate=rate, decay=decay, block=5)
    bits, weights = read_slowly(model, TOKENS, rate, decay, 5)
    close(reader.read(TOKENS, ends=True), bits)
    for got, expected in zip(reader.model.classifier.parameters(), weights, strict=True):
        close(got.detach(), expected.detach())


def test_the_model_itself_learns_nothing():
    reader = LearningReader(model := make_model(), rate=0.5)
    before = copy.deepcopy(model.classifier.state_dict())
    reader.read(TOKENS)
    after, learned = model.classifier.state_dict(), reader.model.classifier.state_dict()
    assert all(torch.equal(weights, after[name]) for name, weights in before.items())
    assert not torch.equal(learned["head.weight"], after["head.weight"])


def test_what_comes_again_surprises_less():
    """Each text is read from the first state, with what was learned from those before."""
    model = make_model(sharp=1.0)
    reader = LearningReader(model, rate=0.02, block=4)
    text = ["the", "film", "is", "good"] * 20
    means = [reader.read(text, ends=True).mean() for _ in range(6)]
    assert means[-1] < means[0] - 1
    assert means[-1] < LearningReader(model, rate=0).read(text).mean() - 1
    learned = LearningReader(reader.model, rate=0).read(text)
    close(Writer(reader.model, text).bits, learned)  # the copy can be read, and writes


def reader(rate=1, **more):
    return LearningReader(make_model(), rate=rate, **more)


def overflowing():
    return LearningReader(make_model(cell="s6", layers=4), rate=1_000, block=1)


test_what_cannot_be_learned_is_refused = refusals(
    GatescopeError,
    {
        "rate": (lambda: reader(-1), "Rate of learning must be between 0 and 1,000, got -1"),
        "no number": (lambda: reader(math.nan), "got nan"),
        "decay": (lambda: reader(decay=2), "Decay of learning must be between 0 and 1"),
        "block": (lambda: reader(block=0), "The size of a block must be between 1 and 1,000,000, got 0"),
        "half a block": (lambda: reader(block=2.5), "must be a whole number, got 2.5"),
        "a word": (lambda: reader("x"), "Rate of learning must be a number, got 'x'"),
        "text": (lambda: reader().read(3), "A text must be a str"),
        "a verdict": (lambda: LearningReader(make_classifier(seed=0), rate=1), "not what comes next"),
        "overflow": (lambda: overflowing().read(TOKENS * 5), "choose a smaller one"),
    },
)
