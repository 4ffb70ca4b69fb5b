"""A known pair of ids has a vector and label odds, which no training changes; any other pair has nothing."""

import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.nn.classifier import Classifier, ids_before
from rnn_core.nn.pairs import BigramEmbedding, CountedBigrams

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


ODDS = {(3, 4): 1.0, (4, 3): -2.0, (7, 3): 3.0, (8, 8): 4.0}  # in the order of their rows
WITHOUT = torch.tensor([[0.1, 0.2, 0.3, 0.4], [10.0, 20.0, 30.0, 40.0]])


def with_odds(counted):
    counted.know(PAIRS)
    counted.set_odds(torch.tensor(list(ODDS.values())), WITHOUT)
    return counted


def make_counted(room=6):
    return with_odds(CountedBigrams(room, V))


def classifier(**settings):
    torch.manual_seed(3)
    made = Classifier(ModelConfig(hidden_size=4, embedding_size=3, counted_bigrams=6, **settings), V)
    with_odds(made.counted)
    return made


@pytest.mark.parametrize("room", [4, 6])
def test_every_known_pair_has_its_odds_and_all_others_zero(room):
    every = torch.cartesian_prod(torch.arange(V), torch.arange(V))
    found = make_counted(room)(every[:, 0], every[:, 1])
    assert found.tolist() == [ODDS.get(tuple(pair), 0.0) for pair in every.tolist()]


def test_where_a_fold_is_named_its_counts_are_left_out_and_minus_one_names_none():
    before, ids = torch.tensor([[3, 4, 5], [3, 4, 5], [3, 4, 5]]), torch.tensor([4, 3, 5]).expand(3, -1)
    folds = torch.tensor([-1, 0, 1]).unsqueeze(1).expand(-1, 3)
    expected = torch.tensor([[1.0, -2.0, 0.0], [0.1, 0.2, 0.0], [10.0, 20.0, 0.0]])
    assert torch.equal(make_counted()(before, ids, folds), expected)


def test_dropout_leaves_out_its_share_of_the_odds():
    torch.manual_seed(0)
    found = make_counted()(torch.full((2_000,), 3), torch.full((2_000,), 4), dropout=0.7)
    assert set(found.tolist()) == {0.0, 1.0}
    assert 0.25 < found.mean() < 0.35


def test_odds_are_added_to_the_first_number_of_a_vector_and_only_there():
    model, ids = classifier(), torch.tensor([3, 4, 3, 5])
    xs, words = model.embed(ids, ids_before(ids)), model.embedding(ids)
    assert torch.equal(xs[:, 1:], words[:, 1:])
    assert torch.equal(xs[:, 0], words[:, 0] + torch.tensor([0.0, 1.0, -2.0, 0.0]))


def test_odds_of_three_classes_are_added_to_the_first_three_numbers_and_a_fold_is_left_out():
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


def test_dropout_on_the_vector_leaves_the_odds_as_they_are():
    model, ids = classifier(embedding_dropout=0.9).train(), torch.full((500,), 8)
    added = model.embed(ids, ids)[:, 0]
    dropped = added == ODDS[8, 8]
    assert 400 < dropped.sum() < 490
    kept = model.embedding.weight[8, 0] / (1 - 0.9) + ODDS[8, 8]
    torch.testing.assert_close(added[~dropped], kept.expand((~dropped).sum()))


def test_bigram_dropout_draws_for_the_odds_and_for_the_vectors_apart():
    model, ids = classifier(bigrams=6, bigram_dropout=0.5).train(), torch.full((800,), 8)
    model.bigrams.know(PAIRS)
    torch.nn.init.constant_(model.bigrams.vectors.weight[1:], 100.0)
    xs = model.embed(ids, ids) - model.embedding.weight[8]
    vector, odds = xs[:, 1].round() == 100, (xs[:, 0] - xs[:, 1]).round() == 4
    for one in (True, False):
        for other in (True, False):
            assert 140 < ((vector == one) & (odds == other)).sum() < 260
    assert model.eval().embed(ids, ids).unique(dim=0).shape == (1, 3)


def test_each_row_of_a_batch_leaves_out_its_own_fold():
    model = classifier()
    ids, lengths, folds = torch.tensor([[3, 4, 3], [3, 4, 0]]), torch.tensor([3, 2]), torch.tensor([1, -1])
    together = model(ids, lengths, folds)
    alone = [model(ids[i : i + 1, :n], torch.tensor([n]), folds[i : i + 1]) for i, n in enumerate([3, 2])]
    torch.testing.assert_close(together, torch.cat(alone))
    plain = model(ids, lengths)
    assert plain[0] != together[0]
    torch.testing.assert_close(plain[1], together[1])


def test_the_odds_are_in_the_state_and_those_without_a_fold_are_not_and_none_is_trained():
    model = classifier()
    names = {name for name in model.state_dict() if name.startswith("counted.")}
    assert names == {"counted.known", "counted.odds"}
    assert not any(name.startswith("counted.") for name, _ in model.named_parameters())


def test_a_network_with_counted_bigrams_asks_for_the_ids_before():
    with pytest.raises(ValueError, match="needs the ids before"):
        classifier().embed(torch.tensor([3]))
