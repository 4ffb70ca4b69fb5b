"""The parts of a network around its cells: where tokens lie, what is read of states, known pairs of ids.

Tokens and readouts are compared with slow loops. A known pair of ids has a vector and label odds, which no
training changes; any other pair has nothing.
"""

import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.readouts import READOUTS
from rnn_core.errors import ConfigError
from rnn_core.nn.classifier import Classifier, ids_before, make_readout
from rnn_core.nn.packing import packing
from rnn_core.nn.pairs import BigramEmbedding, CountedBigrams
from rnn_core.nn.readouts import Readout
from tests.nn.variants import read_plainly
from tests.refusals import refusals

every_batch = pytest.mark.parametrize("lengths", [[5, 5, 3, 2, 2, 1], [4], [1], [1, 1, 1], [3, 3]], ids=str)


def tokens(lengths):
    """(time step, row) of each token, time step after time step."""
    return [(t, row) for t in range(lengths[0]) for row, length in enumerate(lengths) if length > t]


@every_batch
def test_tokens_lie_time_step_after_time_step(lengths):
    packed = packing(torch.tensor(lengths))
    assert list(zip(packed.times.tolist(), packed.rows.tolist(), strict=True)) == tokens(lengths)
    assert packed.lengths.tolist() == lengths
    assert packed.running == [sum(length > t for length in lengths) for t in range(lengths[0])]
    assert all(type(rows) is int for rows in packed.running)
    assert [tokens(lengths)[start][0] for start in packed.starts.tolist()] == [*range(lengths[0])]
    ends = [tokens(lengths)[i] for i in packed.last.tolist()]
    assert ends == [(length - 1, row) for row, length in enumerate(lengths)]


@pytest.mark.parametrize("shape", [(), (2,), (2, 3)], ids=str)
@every_batch
def test_packed_values_are_those_of_their_tokens(lengths, shape):
    padded = torch.randn(len(lengths), lengths[0] + 2, *shape)  # wider than the longest row
    packed = packing(torch.tensor(lengths)).pack(padded)
    assert torch.equal(packed, torch.stack([padded[row, t] for t, row in tokens(lengths)]))


def pack(*lengths):
    return packing(torch.tensor(lengths, dtype=torch.int64))


def made(name, dtype=torch.float64):
    """A readout of states of 5 numbers, whose weights, where it has any, are something."""
    torch.manual_seed(3)
    readout = make_readout(ModelConfig(readout=name, hidden_size=5))
    for weights in readout.parameters():
        torch.nn.init.normal_(weights)
    return readout.to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", READOUTS)
@every_batch
def test_a_readout_is_that_of_a_slow_loop(lengths, name, dtype):
    readout, packed = made(name, dtype), packing(torch.tensor(lengths))
    hs = torch.randn(sum(lengths), 5, dtype=dtype, requires_grad=True)
    network, rows = torch.nn.ModuleDict({name: readout}), range(len(lengths))
    expected = torch.stack([read_plainly(network, hs[packed.rows == row], name) for row in rows])
    ours, d = readout.pool(hs, packed), torch.randn_like(expected)
    torch.testing.assert_close(ours, expected)
    inputs = [hs, *readout.parameters()]
    torch.testing.assert_close(*(torch.autograd.grad(read, inputs, d) for read in (ours, expected)))


@pytest.mark.parametrize("name", READOUTS)
def test_so_far_is_the_readout_of_the_beginning(name):
    """Also a step at a time."""
    readout, hs = made(name), torch.randn(9, 5).double()
    so_far = readout.so_far(hs)
    torch.testing.assert_close(so_far, Readout.so_far(readout, hs))
    for t, read in enumerate(so_far[0], 1):
        torch.testing.assert_close(readout.pool(hs[:t], pack(t))[0], read)


def test_a_part_of_a_network_gives_no_readout_its_name(monkeypatch):
    monkeypatch.setattr(READOUTS, "_values", {**READOUTS, "head": READOUTS["mean"]})
    with pytest.raises(ConfigError, match="A readout can't be called head"):
        Classifier(ModelConfig(readout="head", hidden_size=5), 9)


@pytest.mark.parametrize("scale", [0.0, 1e3, 1e6])
def test_a_large_score_takes_all_the_weight(scale):
    """Nothing overflows; without a query what is read is the mean."""
    readout, hs, packed = made("attention"), torch.randn(16, 5).double(), pack(7, 4, 4, 1)
    readout.v.data.mul_(scale)
    weights = readout.weights(hs, packed)
    if not scale:
        torch.testing.assert_close(readout.pool(hs, packed), packed.mean(hs))
        return
    for row in range(4):
        ours = weights[packed.rows == row]
        assert ours.argmax() == readout.scores(hs[packed.rows == row]).argmax()
        assert ours.max() > 0.99


V, E = 9, 3
PAIRS = torch.tensor([[7, 3], [3, 4], [4, 3], [8, 8]])
ODDS = {(3, 4): 1.0, (4, 3): -2.0, (7, 3): 3.0, (8, 8): 4.0}  # in the order of their rows
WITHOUT = torch.tensor([[0.1, 0.2, 0.3, 0.4], [10.0, 20.0, 30.0, 40.0]])
EVERY = torch.cartesian_prod(torch.arange(V), torch.arange(V))

with_and_without_room = pytest.mark.parametrize("room", [4, 6])


def make(room=6, pairs=PAIRS):
    torch.manual_seed(1)
    bigrams = BigramEmbedding(room, V, E)
    bigrams.know(pairs)
    torch.nn.init.normal_(bigrams.vectors.weight[1:])
    return bigrams


def with_odds(counted):
    counted.know(PAIRS)
    counted.set_odds(torch.tensor(list(ODDS.values())), WITHOUT)
    return counted


def of(module, pairs, **more):
    return module(*pairs.unbind(dim=1), **more)


def classifier(**settings):
    torch.manual_seed(3)
    made = Classifier(ModelConfig(hidden_size=4, embedding_size=3, counted_bigrams=6, **settings), V)
    with_odds(made.counted)
    return made


@with_and_without_room
def test_known_pairs_alone_have_vectors_and_odds(room):
    known = (EVERY.unsqueeze(1) == PAIRS).all(dim=2).any(dim=1)
    found = of(make(room), EVERY)
    assert torch.equal(found.any(dim=1), known)
    assert len(torch.unique(found[known], dim=0)) == len(PAIRS)
    odds = of(with_odds(CountedBigrams(room, V)), EVERY)
    assert odds.tolist() == [ODDS.get(tuple(pair), 0.0) for pair in EVERY.tolist()]


@with_and_without_room
def test_the_order_of_pairs_does_not_matter(room):
    assert torch.equal(of(make(room), PAIRS), of(make(room, PAIRS.flip(0)), PAIRS))


def test_pairs_told_again_replace_those_before():
    bigrams = make()
    bigrams.know(PAIRS[:1])
    assert not of(bigrams, PAIRS[1:]).any()


def test_before_training_no_pair_says_anything():
    bigrams = BigramEmbedding(4, V, E)
    bigrams.know(PAIRS)
    assert not of(bigrams, PAIRS).any()


def test_only_vectors_of_read_pairs_are_trained():
    bigrams = make()
    of(bigrams, PAIRS[1:3]).sum().backward()
    moved = bigrams.vectors.weight.grad.any(dim=1)
    assert moved.sum() == 2
    assert not moved[0]


def test_the_odds_of_a_named_fold_are_left_out():
    """Minus one names no fold."""
    before, ids = torch.tensor([3, 4, 5]).expand(3, -1), torch.tensor([4, 3, 5]).expand(3, -1)
    folds = torch.tensor([-1, 0, 1]).unsqueeze(1).expand(-1, 3)
    expected = torch.tensor([[1.0, -2.0, 0.0], [0.1, 0.2, 0.0], [10.0, 20.0, 0.0]])
    assert torch.equal(with_odds(CountedBigrams(6, V))(before, ids, folds), expected)


@pytest.mark.parametrize("make", [make, lambda: with_odds(CountedBigrams(6, V))], ids=["vectors", "odds"])
def test_dropout_leaves_out_its_share_of_the_pairs(make):
    torch.manual_seed(0)
    module = make()
    whole = of(module, PAIRS[:1])
    found = of(module, PAIRS[:1].expand(2_000, -1), dropout=0.7).reshape(2_000, -1)
    is_kept = found.any(dim=1)
    assert 0.25 < is_kept.float().mean() < 0.35
    assert torch.equal(found[is_kept].unique(dim=0), whole.reshape(1, -1))


def test_odds_of_three_classes_take_three_numbers():
    torch.manual_seed(3)
    model = Classifier(ModelConfig(hidden_size=4, embedding_size=5, counted_bigrams=6), V, classes=3)
    model.counted.know(PAIRS)
    odds, without = torch.randn(4, 3), torch.randn(2, 4, 3)
    model.counted.set_odds(odds, without)
    ids, folds = torch.tensor([3, 4, 3, 5]), torch.tensor([0, 1, -1, 1])
    added = model.embed(ids, ids_before(ids), folds) - model.embedding(ids)
    expected = torch.zeros(4, 5)
    expected[1, :3], expected[2, :3] = without[1, 0], odds[1]  # (3, 4) and (4, 3) are the first two rows
    torch.testing.assert_close(added, expected)


def test_dropout_on_the_vector_leaves_the_odds():
    model, ids = classifier(embedding_dropout=0.9).train(), torch.full((500,), 8)
    added = model.embed(ids, ids)[:, 0]
    dropped = added == ODDS[8, 8]
    assert 400 < dropped.sum() < 490
    kept = model.embedding.weight[8, 0] / (1 - 0.9) + ODDS[8, 8]
    torch.testing.assert_close(added[~dropped], kept.expand((~dropped).sum()))


def test_dropout_draws_for_odds_and_vectors_apart():
    model, ids = classifier(bigrams=6, bigram_dropout=0.5).train(), torch.full((800,), 8)
    model.bigrams.know(PAIRS)
    torch.nn.init.constant_(model.bigrams.vectors.weight[1:], 100.0)
    xs = model.embed(ids, ids) - model.embedding.weight[8]
    vector, odds = xs[:, 1].round() == 100, (xs[:, 0] - xs[:, 1]).round() == 4
    for one in (True, False):
        for other in (True, False):
            assert 140 < ((vector == one) & (odds == other)).sum() < 260
    assert model.eval().embed(ids, ids).unique(dim=0).shape == (1, 3)


def test_odds_of_all_folds_are_kept_and_none_trained():
    model = classifier()
    names = {name for name in model.state_dict() if name.startswith("counted.")}
    assert names == {"counted.known", "counted.odds"}
    assert not any(name.startswith("counted.") for name, _ in model.named_parameters())


MISFITS = {
    "up": (lambda: pack(3, 1, 2), ("lengths must come the longest first, none below 1", "got [3, 1, 2]")),
    "none": (lambda: pack(2, 0), "got [2, 0]"),
    "below none": (lambda: pack(3, -1), "got [3, -1]"),
    "no row": (lambda: pack(), "got []"),
    "no room": (lambda: make(room=3), "room for 3 pairs, got 4"),
    "odds alone": (lambda: classifier().embed(torch.tensor([3])), "needs the ids before"),
    "vectors alone": (
        lambda: Classifier(ModelConfig(hidden_size=4, bigrams=6), V).embed(torch.tensor([3])),
        "needs the ids before",
    ),
}
test_what_does_not_fit_is_refused = refusals(ValueError, MISFITS)
