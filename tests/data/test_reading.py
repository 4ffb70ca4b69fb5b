"""Texts window by window: every step once, in the order of the texts, each row where it says it goes on."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from rnn_core.data.reading import Carried, Separate
from tests.untrained import encoded

LENGTHS = [7, 1, 30, 2, 12, 12, 1, 45, 3]  # time steps of each text


def counted(steps=LENGTHS):
    """Texts of which no two ids are equal, so that each says where it stands."""
    ids = itertools.count(10)
    texts = encoded([[*itertools.islice(ids, n + 1)] for n in steps])
    return replace(texts, labels=(texts.indices % 2).astype(np.int8))


def rows_of(batch):
    """The ids of each row, as lists."""
    return [row[:length] for row, length in zip(batch.ids.tolist(), batch.lengths.tolist(), strict=True)]


def asked(batches):
    """Every (read, asked) pair of ids, in order."""
    return [pair for batch in batches for row in rows_of(batch) for pair in itertools.pairwise(row)]


def of_texts(texts):
    """The (read, asked) pairs of the texts, one after another."""
    bounds = zip(texts.offsets[:-1].tolist(), texts.offsets[1:].tolist(), strict=True)
    return [(int(n), int(n) + 1) for begin, end in bounds for n in texts.ids[begin : end - 1]]


def batches_of(reading, texts, size):
    return list(reading.batches(texts, size, np.random.default_rng(3)))


@pytest.mark.parametrize("most", [1, 5, 12, 100])
@pytest.mark.parametrize("kind", [Separate, Carried])
def test_every_step_is_asked_once(kind, most):
    texts, reading = counted(), kind(most)
    for size in (1, 4, 64, 500):
        batches = batches_of(reading, texts, size)
        assert sorted(asked(batches)) == of_texts(texts)
        assert len(batches) == reading.count(len(texts), texts.lengths() - 1, size)
        assert sorted(asked(reading.evaluation(texts, size))) == of_texts(texts)
        for batch in (*batches, *reading.evaluation(texts, size)):
            lengths = batch.lengths.tolist()
            assert lengths == sorted(lengths, reverse=True)
            assert lengths[0] <= most + 1
            begins = [np.searchsorted(texts.offsets, row[0] - 10, "right") - 1 for row in rows_of(batch)]
            assert batch.rows.tolist() == begins
            assert batch.labels.tolist() == [row % 2 for row in begins]


def test_separate_windows_come_in_random_order():
    first, second = (list(Separate(5).batches(counted(), 4, np.random.default_rng(n))) for n in (1, 2))
    assert [*map(rows_of, first)] != [*map(rows_of, second)]
    assert all(batch.continues is None for batch in first)


@pytest.mark.parametrize(("size", "most"), [(1, 5), (4, 5), (4, 6), (7, 3), (200, 5)])
def test_streams_go_on_where_they_ended(size, most):
    """Rows begin with the first value of the state where a text or a stream begins, and nowhere else."""
    texts = counted()
    pairs, begins = of_texts(texts), set((texts.offsets[:-1] + 10).tolist())
    length = -(-len(pairs) // size)
    streams = [pairs[at : at + length] for at in range(0, len(pairs), length)]
    starts = begins | {stream[0][0] for stream in streams}
    before = []
    for window, batch in enumerate(Carried(most).batches(texts, size, np.random.default_rng(0))):
        rows, read = rows_of(batch), set()
        for row, on_from in zip(rows, batch.continues.tolist(), strict=True):
            assert (on_from == -1) == (row[0] in starts)
            if on_from >= 0:
                assert before[on_from][-1] == row[0]
            read |= set(itertools.pairwise(row))
        parts = (stream[window * most : (window + 1) * most] for stream in streams)
        assert read == {pair for part in parts for pair in part}
        before = rows


@pytest.mark.parametrize("kind", [Separate, Carried])
def test_a_batch_to_score_is_bounded(kind):
    """However long the texts and the windows are."""
    texts = counted([20_000, 30_000, *[5_000] * 30])
    for most in (256, 5_000, 40_000):
        sizes = [int((batch.lengths - 1).sum()) for batch in kind(most).evaluation(texts, 64)]
        assert max(sizes) <= max(16_384, min(most, 30_000))
        assert sum(sizes) == 200_000
