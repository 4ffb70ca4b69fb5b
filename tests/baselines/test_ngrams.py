"""N-grams: against the formula written with dictionaries, at the edges of texts, in a file and in time."""

import math
from collections import defaultdict

import numpy as np
import pytest

from rnn_core.baselines import ngrams
from rnn_core.baselines.ngrams import ORDERS, learn_ngrams, read_ngrams
from rnn_core.text.vocabulary import START_ID, UNK_ID

V = 9


def laid(texts):
    """The ids and offsets of texts without their <start>."""
    started = [[START_ID, *text] for text in texts]
    return np.array([one for text in started for one in text], np.int32), np.cumsum([0, *map(len, started)])


def drawn(seed, texts=12, longest=30, symbols=range(UNK_ID, V - 1)):
    """Texts of few symbols, so that they share contexts; the last symbol of the vocabulary is in none."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(len(symbols), 0.3))
    return [rng.choice(symbols, rng.integers(0, longest), p=shares).tolist() for _ in range(texts)]


class Slow:
    """The formula as it stands in the module, with a dictionary of counts."""

    def __init__(self, texts):
        self.counts = defaultdict(lambda: defaultdict(int))
        for text in texts:
            padded = [START_ID] * ORDERS + text
            for place in range(ORDERS, len(padded)):
                for k in range(ORDERS):
                    self.counts[tuple(padded[place - k : place])][padded[place]] += 1

    def p(self, w, h):
        shorter = self.p(w, h[1:]) if h else 1 / (V - UNK_ID)
        seen = self.counts.get(h, {})
        return (seen.get(w, 0) + len(seen) * shorter) / (sum(seen.values()) + len(seen)) if seen else shorter

    def bits(self, texts):
        padded = [[START_ID] * ORDERS + text for text in texts]
        return [
            [-math.log2(self.p(text[place], tuple(text[place - k : place]))) for k in range(ORDERS)]
            for text in padded
            for place in range(ORDERS, len(text))
        ]


@pytest.mark.parametrize("seed", range(4))
def test_bits_are_those_of_the_formula(seed):
    """Other texts have unseen contexts and symbols."""
    texts, others = drawn(seed), [*drawn(seed + 100, symbols=range(UNK_ID, V)), [V - 1] * 9, []]
    counted, slow = learn_ngrams(*laid(texts), V), Slow(texts)
    for some in (texts, others):
        assert counted.bits(*laid(some)) == pytest.approx(np.array(slow.bits(some)), abs=1e-12)


@pytest.mark.parametrize("context", [[], [START_ID], [3, 4], [V - 1, 3, 3], [5, 3, 4, 3, 3, 4, 5, 3, 4, 3]])
def test_probabilities_sum_to_1_as_the_formula(context):
    """The ids before a <start> count for nothing."""
    texts = drawn(1)
    counted, slow = learn_ngrams(*laid(texts), V), Slow(texts)
    p = counted.probabilities(context)
    assert p.sum() == pytest.approx(1, abs=1e-12)
    padded = tuple([START_ID] * ORDERS + context)[1 - ORDERS :]
    assert p == pytest.approx(np.array([slow.p(w, padded) for w in range(UNK_ID, V)]))
    assert (counted.probabilities([4, 4, START_ID, *context]) == p).all()


def test_a_symbol_never_seen_has_its_share():
    """Worked by hand: 3, 4 and <end> came once each, and one of K symbols is left to 3 kinds of 6 counts."""
    counted = learn_ngrams(*laid([[3, 4, 3]]), V)
    assert counted.bits(*laid([[V - 1]]))[0, 0] == pytest.approx(-math.log2(2 * (1 / 7) / (3 + 2)))


def test_the_order_of_texts_changes_nothing():
    texts, asked = drawn(2), laid(drawn(3))
    one, other = learn_ngrams(*laid(texts), V), learn_ngrams(*laid(texts[::-1]), V)
    assert (one.bits(*asked) == other.bits(*asked)).all()


def test_contexts_end_where_a_text_begins():
    """After the same symbols 5 is certain within a text; the first symbol of a text follows none."""
    counted = learn_ngrams(*laid([[3, 4], [5, 3, 4], [5]] * 40), V)
    [first, *_] = counted.bits(*laid([[5]]))
    assert first[2] == pytest.approx(-math.log2(Slow([[3, 4], [5, 3, 4], [5]] * 40).p(5, (START_ID,) * 2)))
    assert counted.probabilities([3, 4]).argmax() + UNK_ID != 5


def test_longer_contexts_may_be_worse():
    """Symbols that are drawn alike do not follow from a long context, which came once."""
    rng = np.random.default_rng(0)
    texts = rng.integers(UNK_ID, V, (2, 20, 200)).tolist()
    by_order = learn_ngrams(*laid(texts[0]), V).bits(*laid(texts[1])).mean(axis=0)
    assert by_order[0] == pytest.approx(math.log2(V - UNK_ID), abs=0.01)
    assert by_order[ORDERS - 1] > by_order[0] + 0.5


def test_keys_that_share_no_number_with_places():
    """Keys too large to hold a place beside them are sorted by another way, to the same end."""
    keys = np.random.default_rng(0).integers(0, 9, 500)
    places = ngrams._sort(packed := keys.copy())
    shift = np.int64(1) << 59
    assert (ngrams._sort(large := keys + shift) == places).all()
    assert (large - shift == packed).all()
    assert (keys[places] == packed).all()
    assert all(np.diff(places)[np.diff(packed) == 0] > 0)


@pytest.mark.parametrize("ids", [[V], [-1]])
def test_ids_of_another_vocabulary_are_refused(ids):
    counted = learn_ngrams(*laid([[3]]), V)
    learn, next_of = lambda *texts: learn_ngrams(*texts, V), lambda some, _: counted.probabilities(some)
    for ask in (counted.bits, learn, next_of):
        with pytest.raises(ValueError, match="between 0 and 8"):
            ask(*laid([ids]))
    with pytest.raises(ValueError, match="one text at least"):
        learn_ngrams(*laid([]), V)
    assert counted.bits(*laid([[]])).shape == (0, ORDERS)


def test_counts_are_read_as_written_or_refused(tmp_path):
    """No other file is opened by pickle."""
    counted, asked = learn_ngrams(*laid(drawn(4)), V), laid(drawn(5))
    counted.write(whole := tmp_path / "whole.npz")
    assert (read_ngrams(whole).bits(*asked) == counted.bits(*asked)).all()
    with np.load(whole) as file:
        arrays = dict(file)
    keys, counts = arrays["keys3"], arrays["counts2"]
    wrong = [("keys3", keys[::-1]), ("keys3", keys.astype(object)), ("keys2", 3), ("counts2", counts[1:])]
    for number, (name, values) in enumerate(wrong):
        np.savez(tmp_path / f"{number}.npz", **{**arrays, name: values})
    (tmp_path / "cut.npz").write_bytes(whole.read_bytes()[:2_000])
    (tmp_path / "text.npz").write_text("no numbers")
    np.save(tmp_path / "alone.npy", keys)
    whole.unlink()
    for path in tmp_path.glob("*.np?"):
        with pytest.raises(ValueError, match="holds no n-grams"):
            read_ngrams(path)
