"""A pair of ids that is known gets its vector, every other pair nothing."""

import pytest
import torch

from rnn_core.nn.pairs import BigramEmbedding

V, E = 9, 3
PAIRS = torch.tensor([[7, 3], [3, 4], [4, 3], [8, 8]])


def make(room=6):
    torch.manual_seed(1)
    bigrams = BigramEmbedding(room, V, E)
    bigrams.know(PAIRS)
    torch.nn.init.normal_(bigrams.vectors.weight[1:])
    return bigrams


def vectors(bigrams, pairs, **more):
    return bigrams(pairs[:, 0], pairs[:, 1], **more)


def test_every_known_pair_has_a_vector_of_its_own_and_all_others_are_zero():
    bigrams = make()
    every = torch.cartesian_prod(torch.arange(V), torch.arange(V))
    found = vectors(bigrams, every)
    known = (every.unsqueeze(1) == PAIRS).all(dim=2).any(dim=1)
    assert torch.equal(found.abs().sum(dim=1) > 0, known)
    assert len(torch.unique(found[known], dim=0)) == len(PAIRS)


@pytest.mark.parametrize("room", [4, 6])
def test_the_order_in_which_pairs_are_told_does_not_matter(room):
    one, other = make(room), make(room)
    other.know(PAIRS.flip(0))
    assert torch.equal(vectors(one, PAIRS), vectors(other, PAIRS))


def test_pairs_told_anew_replace_those_before():
    bigrams = make()
    bigrams.know(PAIRS[:1])
    assert torch.equal(vectors(bigrams, PAIRS[1:]), torch.zeros(3, E))


def test_before_training_no_pair_says_anything():
    bigrams = BigramEmbedding(4, V, E)
    bigrams.know(PAIRS)
    assert torch.equal(vectors(bigrams, PAIRS), torch.zeros(4, E))


def test_only_the_vectors_of_pairs_that_were_read_are_trained():
    bigrams = make()
    vectors(bigrams, PAIRS[1:3]).sum().backward()
    moved = bigrams.vectors.weight.grad.abs().sum(dim=1) > 0
    assert moved.sum() == 2
    assert not moved[0]


def test_dropout_leaves_out_its_share_of_the_pairs():
    pairs = PAIRS[:1].expand(2_000, -1)
    found = vectors(make(), pairs, dropout=0.7)
    assert 0.25 < (found.abs().sum(dim=1) > 0).float().mean() < 0.35


def test_more_pairs_than_there_is_room_for_are_refused_in_words():
    with pytest.raises(ValueError, match="room for 3 pairs, got 4"):
        make(room=3)
