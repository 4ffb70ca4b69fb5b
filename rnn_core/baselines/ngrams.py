"""Interpolated n-grams: the next symbol of a text by how often it came after the last 0 to 6 symbols.

    c(h, w)  how often symbol w came after context h, the last k symbols, in the training texts
    c(h)     how often any symbol did
    T(h)     how many different symbols did
    h'       the context without its first symbol

    p(w | h) = (c(h, w) + T(h) p(w | h')) / (c(h) + T(h))

with p(w | h) = p(w | h') after a context that was never seen, and at the bottom 1 / K for each of the K
symbols that can come (Witten and Bell, "The Zero-Frequency Problem", 1991; interpolated as by Chen and
Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling", 1996).

A context never reaches over the beginning of a text: what lies before counts as `<start>`. Each id from
`<unk>` on can come; `<pad>` and `<start>` never do. The strings of one length are numbered in the order of
their keys, and the key of a string is (number of the string without its first symbol) V + first symbol, so
that each length takes one sort.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnn_core.files import written_whole
from rnn_core.text.vocabulary import START_ID, UNK_ID

ORDERS = 7
"""The number of lengths of context: 0 symbols to 6."""
_FIRST = UNK_ID
"""The first id that can come."""
Ids = NDArray[np.integer]
Number = TypeVar("Number", bound=np.integer)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strings:
    """The S strings of one length in the training texts; at -1, the number of an unseen one, stands 0."""

    keys: NDArray[np.int64]
    """(S,) the key of each, ascending."""
    counts: NDArray[np.int32]
    """(S + 1,) c(h, w) of a string h w."""
    followed: NDArray[np.int32]
    """(S + 1,) c(h) of a string h; (1,) of the longest ones."""
    kinds: NDArray[np.int32]
    """(S + 1,) T(h) of a string h; (1,) of the longest ones."""
    after: NDArray[np.int32]
    """(sum of T,) the numbers of the strings h w, one string h after another; (0,) of the longest ones."""

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """(N,) the numbers of the strings with these keys (N,), -1 for unseen ones."""
        found, ordered = np.empty(len(keys), np.int64), keys.copy()
        places = _sort(ordered)  # neighbours that are looked up one after another are found sooner
        found[places] = np.searchsorted(self.keys, ordered)
        found[self.keys[np.minimum(found, len(self.keys) - 1)] != keys] = -1
        return found

    def interpolated(
        self, counts: NDArray[np.int32], h: NDArray[np.int64], shorter: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(N,) p of N symbols whose contexts are the strings h (N,), of p with `shorter` contexts (N,)."""
        kinds, followed = self.kinds[h], self.followed[h]
        return np.where(kinds > 0, (counts + kinds * shorter) / np.maximum(followed + kinds, 1), shorter)


_NAMES = [one.name for one in fields(_Strings)]


@dataclass(frozen=True, kw_only=True)
class Ngrams:
    """The counts of training texts."""

    vocab_size: int
    """V; K = V - 2 symbols can come."""
    strings: tuple[_Strings, ...]
    """The strings of length 0 to ORDERS."""

    @cached_property
    def _begins(self) -> list[NDArray[np.int64]]:
        """The place in `after` where the strings after each one begin, (S + 1,), for each length."""
        return [np.cumsum(one.kinds, dtype=np.int64) - one.kinds for one in self.strings]

    def bits(self, ids: Ids, offsets: Ids) -> NDArray[np.float64]:
        """(N, ORDERS) -log2 p of each of the N symbols that come in these texts, by the length of context.

        `ids` and `offsets` are as in `EncodedReviews`: text i is `ids[offsets[i]:offsets[i + 1]]`, and begins
        with `<start>`, which is not asked. Raises ValueError for what is no id of the vocabulary.
        """
        symbols = np.asarray(_checked(ids, self.vocab_size), np.int64)
        comes, numbers = symbols >= _FIRST, np.zeros_like(symbols)
        p = np.full((len(ids), ORDERS + 1), 1 / (self.vocab_size - _FIRST))
        for order, (contexts, strings) in enumerate(pairwise(self.strings)):
            found = strings.find(np.where(numbers < 0, -1, numbers * self.vocab_size + symbols))
            p[:, order + 1] = contexts.interpolated(strings.counts[found], np.roll(numbers, 1), p[:, order])
            symbols, numbers = _before(symbols, offsets[:-1]), found
        return -np.log2(p[comes, 1:])

    def probabilities(self, context: Sequence[int]) -> NDArray[np.float64]:
        """(K,) p of each symbol that can come after these ids, the first one that of `<unk>`.

        The last 6 ids count, and none before a `<start>`. Raises ValueError as `bits` does.
        """
        last = _checked(np.array([START_ID, *context[-ORDERS:]], np.int64), self.vocab_size)
        last = last[np.flatnonzero(last == START_ID)[-1] :]
        last = np.append(np.full(ORDERS, START_ID), last)[::-1]
        V, K = self.vocab_size, self.vocab_size - _FIRST
        p, h = np.full(K, 1 / K), np.zeros(1, np.int64)
        for length, (contexts, strings) in enumerate(pairwise(self.strings)):
            begin = int(self._begins[length][h[0]])
            numbers: Ids = contexts.after[begin : begin + int(contexts.kinds[h[0]])]
            symbols, counts = numbers, np.zeros(K, np.int32)
            for shorter in self.strings[length + 1 : 1 : -1]:  # each loses its first symbol
                symbols = shorter.keys[symbols] // V
            counts[self.strings[1].keys[symbols] - _FIRST] = strings.counts[numbers]
            p = contexts.interpolated(counts, np.repeat(h, K), p)
            h = strings.find(np.where(h < 0, -1, h * V + last[length]))
        return p

    def write(self, path: Path, of: str = "") -> None:
        """Write the counts into a file, whole or not at all; `of` marks the texts. Raises OSError."""
        arrays = {f"{name}{n}": getattr(one, name) for n, one in enumerate(self.strings) for name in _NAMES}
        with written_whole(path) as file:
            np.savez(file, of=np.array(of), vocab_size=np.int64(self.vocab_size), **arrays)


def read_ngrams(path: Path, of: str = "") -> Ngrams:
    """Read the counts that `Ngrams.write` wrote of texts with this mark, inertly.

    Raises OSError, and ValueError for the counts of other texts and for any other file.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            strings = [_Strings(**{name: file[f"{name}{n}"] for name in _NAMES}) for n in range(ORDERS + 1)]
            vocab_size, found = int(file["vocab_size"]), str(file["of"])
    except (AttributeError, KeyError, TypeError, ValueError, EOFError, BadZipFile, zlib.error) as error:
        raise ValueError(f"{path.name} holds no n-grams ({error})") from error
    if found != of:
        raise ValueError(f"{path.name} holds the n-grams of other texts")
    for one in strings:
        S = one.keys.size
        after = 1 if one is strings[-1] else S + 1
        said = [(getattr(one, name).shape, getattr(one, name).dtype) for name in _NAMES]
        must = [((size,), np.int32) for size in (S + 1, after, after, int(one.kinds.sum()))]
        if said != [((S,), np.int64), *must] or not S or (np.diff(one.keys) <= 0).any():
            raise ValueError(f"{path.name} holds no n-grams (its arrays are others)")
    return Ngrams(vocab_size=vocab_size, strings=tuple(strings))


def learn_ngrams(ids: Ids, offsets: Ids, vocab_size: int) -> Ngrams:
    """Count the n-grams of texts, given as for `Ngrams.bits`. Raises ValueError as that does, and for none.

    It sorts N numbers of 8 bytes for each length, and takes 32 bytes for each of the N symbols meanwhile.
    """
    if not len(ids):
        raise ValueError("n-grams are learned from one text at least")
    symbols, numbers = np.array(_checked(ids, vocab_size), np.int32), np.zeros(len(ids), np.int32)
    longest = {"followed": _ended([]), "kinds": _ended([]), "after": np.empty(0, np.int32)}
    found = [_Strings(keys=np.zeros(1, np.int64), counts=_ended([0]), **longest)]
    for _ in range(ORDERS):
        keys = numbers.astype(np.int64)
        keys *= vocab_size
        keys += symbols
        places = _sort(keys)
        is_new = np.append(True, keys[1:] != keys[:-1])
        first = np.flatnonzero(is_new)
        keys, ends = keys[first], places[first]  # where each string ends in its first place
        counts = np.diff(first, append=len(ids)) * (ids[ends] >= _FIRST)
        comes, contexts = np.flatnonzero(counts), len(found[-1].keys)
        h = numbers[ends - 1][comes]
        found[-1] = replace(
            found[-1],
            followed=_ended(np.bincount(h, counts[comes], contexts)),
            kinds=_ended(np.bincount(h, minlength=contexts)),
            after=comes[np.argsort(h, kind="stable")].astype(np.int32),
        )
        found.append(_Strings(keys=keys, counts=_ended(counts), **longest))
        numbers[places] = np.cumsum(is_new, dtype=np.int32) - 1
        symbols = _before(symbols, offsets[:-1])
    return Ngrams(vocab_size=vocab_size, strings=tuple(found))


def _checked(ids: Ids, vocab_size: int) -> Ids:
    """Return ids. Raises ValueError for what is no id of the vocabulary."""
    if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < vocab_size:
        raise ValueError(f"ids must be between 0 and {vocab_size - 1:,}, got {ids.min():,} to {ids.max():,}")
    return ids


def _ended(counts: ArrayLike) -> NDArray[np.int32]:
    """(S + 1,) counts (S,), and 0 for a string that was never seen."""
    return np.append(counts, 0).astype(np.int32)


def _sort(keys: NDArray[np.int64]) -> Ids:
    """Sorts keys (N,) where they stand; returns where each stood. Equal ones keep their order."""
    bits = len(keys).bit_length()
    if int(keys.max(initial=0)) >> (63 - bits):
        places = np.argsort(keys, kind="stable")
        keys[:] = keys[places]
        return places
    keys <<= bits  # key and place in one number, since sorting numbers takes a third of sorting places
    keys |= np.arange(len(keys))
    keys.sort()
    places = (keys & ((1 << bits) - 1)).astype(np.int32 if bits < 32 else np.int64)
    keys >>= bits
    return places


def _before(symbols: NDArray[Number], starts: Ids) -> NDArray[Number]:
    """(N,) the symbol before each; `<start>` before the first one of a text."""
    before = np.roll(symbols, 1)
    before[starts] = START_ID
    return before
