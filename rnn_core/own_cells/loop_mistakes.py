"""Names the mistake of a loop by what it did: which words it read, from which states, and what it returned.

Reviews and words are counted from 1 in sentences, from 0 in places.
"""

from collections.abc import Collection, Sequence

from torch import Tensor

from rnn_core.own_cells.loop_record import OTHER, ZERO, LoopRecord, Place, Taken
from rnn_core.own_cells.report import Remark, remark

Origin = Place | str


def named(reading: LoopRecord, result: Tensor, before: LoopRecord | None = None) -> Remark | None:
    """The first mistake in the order in which a loop goes; None where none of these is made.

    `result` is (B, H). `before` is what the loop did in the batch before.
    """
    if not reading.calls:
        return remark("cell-not-called", "by a loop")
    readouts = [
        reading.found(row, (review, reading.lengths[review] - 1)) or (OTHER if row.any() else ZERO)
        for review, row in enumerate(result)
    ]
    return (
        word_mistake(reading)
        or begin_mistake(reading, before)
        or _inverted_mask(reading, readouts)
        or step_mistake(reading)
        or readout_mistake(reading, readouts, result)
    )


def word_mistake(reading: LoopRecord) -> Remark | None:
    """The remark on what the cell was given as words."""
    E = reading.xs.shape[-1]
    for number, call in enumerate(reading.calls):
        read = reading.words[number]
        places = {place for place in read if place is not None}
        if len(places) > 1 and len({review for review, _ in places}) == 1 and len(reading.lengths) > 1:
            review = min(places)[0] + 1
            return remark(
                "batch-as-time", "several words", call=number + 1, review=review, is_cut=_is_cut(reading)
            )
        if call.x is not None and (call.x.shape[-1:] != (E,) or call.x.dim() > 2):
            shape, wanted = tuple(call.x.shape), f"(rows, {E})"
            return remark("words-changed", "shape", call=number + 1, shape=shape, wanted=wanted)
        for row, place in enumerate(read):
            if place is None and call.x is not None and call.x.reshape(-1, E)[row].any():
                return remark("words-changed", "values", row=row + 1, call=number + 1)
    return None


def _is_cut(reading: LoopRecord) -> bool:
    """True if each call was given the words that come next as the batch lies, review after review."""
    B, T = len(reading.lengths), reading.xs.shape[1]
    return all(
        len(read) == B
        and all(
            place in (None, divmod(number * B + row, T)) or place[1] >= reading.lengths[place[0]]
            for row, place in enumerate(read)
        )
        for number, read in enumerate(reading.words)
    )


def begin_mistake(reading: LoopRecord, before: LoopRecord | None) -> Remark | None:
    """The remark on the first time step of each review."""
    if _reads_the_word_before(reading):
        at_first = {place for place in reading.words[0] if place is not None}
        is_last = any((review, length - 1) in at_first for review, length in enumerate(reading.lengths))
        return remark("word-before", is_last=is_last)
    for review in range(len(reading.lengths)):
        steps = reading.steps(review)
        if not steps:
            continue
        times = [t for t, _ in steps]
        t, first = steps[0]
        if t > 0 and len(times) > 1 and times == sorted(times, reverse=True):
            last = times[-1] + 1
            return reading.remark("reads-the-future", "backwards", review=review, word=t + 1, last=last)
        if t > 0:
            return reading.remark("starts-late", word=t + 1, review=review)
        if first.origin == ZERO:
            continue
        if first.origin != OTHER:
            return reading.remark("rows-mixed", "at first", review=review, other=int(first.origin[0]) + 1)
        return _first_state_mistake(reading, before, first)
    return None


def _reads_the_word_before(reading: LoopRecord) -> bool:
    """True if call 2 reads the first words, call 3 the second ones, and so on, and call 1 no first word."""
    if len(reading.calls) < 2 or any(place is not None and place[1] == 0 for place in reading.words[0]):
        return False
    T = reading.xs.shape[1]
    return all(
        place is None or place[1] in (number - 1, *range(reading.lengths[place[0]], T))
        for number in range(1, len(reading.calls))
        for place in reading.words[number]
    )


def _first_state_mistake(reading: LoopRecord, before: LoopRecord | None, first: Taken) -> Remark | None:
    """The remark on a first state that is not zero."""
    if not reading.calls[first.call].before:
        return None
    state = reading.calls[first.call].before[0]
    state = state.reshape(-1, state.shape[-1])
    state = state[min(first.row, len(state) - 1)]
    yours = tuple(state[:3].tolist())
    if before is not None and before.found(state, None) is not None:
        return remark("kept-state", "at first", yours=yours)
    return remark("state-not-zero", yours=yours, numbers=[f"{one:.3g}" for one in yours])


def _inverted_mask(reading: LoopRecord, readouts: Sequence[Origin]) -> Remark | None:
    """The remark on a mask that lets a review change where it has ended, and only there."""
    T = reading.xs.shape[1]
    if all(length == T for length in reading.lengths):
        return None
    for review, length in enumerate(reading.lengths):
        origins = reading.origins(review)
        if any(origins.get(t) != ZERO for t in range(length)):
            return None
        if readouts[review] != (ZERO if length == T else (review, T - 1)):
            return None
    review = min(range(len(reading.lengths)), key=lambda one: reading.lengths[one])
    return reading.remark("mask-inverted", review=review)


def step_mistake(reading: LoopRecord) -> Remark | None:
    """The remark on what goes from one time step to the next."""
    handed_on = False
    for one in reading.taken:
        if one.place is not None and one.origin == one.place:
            return reading.remark("word-twice", word=one.place[1] + 1, review=one.place[0])
    for review, length in enumerate(reading.lengths):
        origins = reading.origins(review)
        missing = [t for t in range(length) if t not in origins]
        if missing:
            return _missing_words(reading, review, missing)
        for t in range(1, length):
            origin = origins[t]
            if origin == (review, t - 1):
                handed_on = True
                continue
            if origin == ZERO:
                return reading.remark(
                    "state-not-handed-on", "again" if handed_on else "zeros", word=t + 1, review=review
                )
            if isinstance(origin, str):
                return reading.remark("state-changed", "unknown", word=t + 1, review=review)
            if origin[0] != review:
                return reading.remark(
                    "rows-mixed", "at a word", word=t + 1, review=review, other=origin[0] + 1
                )
            return reading.remark(
                "reads-the-future" if origin[1] > t else "state-changed",
                "at a word",
                word=t + 1,
                review=review,
                other=origin[1] + 1,
                before=t,
            )
    return None


def _missing_words(reading: LoopRecord, review: int, missing: Sequence[int]) -> Remark:
    """The remark on words that are never read."""
    lengths, (B, T, E) = reading.lengths, reading.xs.shape
    if (unsorted := _unsorted_rows(reading)) is not None:
        return unsorted
    read = [reading.origins(one) for one in range(B)]
    steps = 1 + max(t for origins in read for t in origins) if any(read) else 0
    ends = all(
        {t for t in origins if t < length} == {*range(min(length, steps))}
        for origins, length in zip(read, lengths, strict=True)
    )
    if ends and 0 < steps < T - 1:
        longest = lengths.index(T) + 1
        if steps == B:
            return remark("batch-as-time", "as many steps", steps=steps, longest=longest, length=T)
        return remark(
            "stops-early",
            "early",
            steps=steps,
            like_first=steps == lengths[0],
            like_shortest=steps == min(lengths) != lengths[0],
            like_E=steps == E and E not in (lengths[0], min(lengths)),
            longest=longest,
            length=T,
        )
    if missing == [lengths[review] - 1]:
        every = all(length - 1 not in reading.origins(one) for one, length in enumerate(lengths))
        if every and any(length < max(lengths) for length in lengths):
            return reading.remark("mask-off-by-one", "at the last word", review=review)
        return reading.remark("stops-early", "one short", word=lengths[review], review=review)
    return reading.remark("words-skipped", word=missing[0] + 1, review=review)


def _unsorted_rows(reading: LoopRecord) -> Remark | None:
    """The remark on a loop that takes the first rows for those still running, where these are others."""
    lengths, order = reading.lengths, [place[0] for place in reading.words[0] if place is not None]
    if sorted(order) != [*range(len(lengths))]:
        return None
    for t in range(1, len(reading.calls)):
        read, running = reading.words[t], {one for one, length in enumerate(lengths) if length > t}
        if len(read) != len(running) or any(
            row >= len(order) or (order[row] in running and place != (order[row], t))
            for row, place in enumerate(read)
        ):
            return None
        left_out = running - {*order[: len(read)]}
        if left_out:
            review = min(left_out)
            return reading.remark(
                "rows-not-sorted",
                step=t + 1,
                count=len(read),
                review=review,
                is_turned=sorted(lengths) == [lengths[one] for one in order],
            )
    return None


def readout_mistake(reading: LoopRecord, readouts: Sequence[Origin], result: Tensor) -> Remark | None:
    """The remark on which states a result is made of, where the time steps themselves are right."""
    lengths, T = reading.lengths, reading.xs.shape[1]
    last = [(review, length - 1) for review, length in enumerate(lengths)]
    wrong = [review for review, found in enumerate(readouts) if found != last[review]]
    if not wrong:
        return None
    review = wrong[0]
    if all(reading.is_second(row) for row in result):
        return remark("c-returned-for-h", "by a loop")
    places = [found for found in readouts if not isinstance(found, str)]
    if len(places) == len(readouts) and set(places) <= set(last):
        other = places[review][0] + 1
        if len(set(places)) == len(places):
            return reading.remark("rows-not-put-back", review=review, other=other)
        return reading.remark("rows-mixed", "in the result", review=review, other=other)
    if is_cut_readout(reading, [{found} for found in readouts]):
        return remark("rows-mixed", "by a view of all states")
    if any(found[0] != row for row, found in enumerate(readouts) if not isinstance(found, str)):
        return reading.remark("rows-mixed", "in one row", review=review)
    zeroed = [review for review in wrong if reading.is_after_no_word(result[review])]
    if zeroed:
        return reading.remark("reads-padding", "after zeros", review=zeroed[0])
    if OTHER in readouts:
        return None
    times = [-1 if isinstance(found, str) else found[1] for found in readouts]
    off = [t - (length - 1) for t, length in zip(times, lengths, strict=True)]
    is_masked, length = _masks(reading), lengths[review]
    if all(one == -1 for one in off):
        return _one_off(reading, review, is_masked, after=length - 1)
    if all(times[one] == -1 for one in wrong):
        return reading.remark("mask-zeroes", review=review)
    late = [min(length, T - 1) for length in lengths]
    if times == late and (is_masked or any(t < T - 1 for t in times)):
        return _one_off(reading, review, is_masked, after=length + 1)
    return reading.remark(
        "reads-padding" if times[review] >= lengths[review] else "readout-off-by-one",
        "in the result",
        review=review,
        word=times[review] + 1,
    )


def is_cut_readout(reading: LoopRecord, readouts: Sequence[Collection[Origin | None]]) -> bool:
    """True if each review's readout is a state out of all states (T, B, H) cut as if they were (B, T, H)."""
    B, T = len(reading.lengths), reading.xs.shape[1]
    last = list(enumerate(length - 1 for length in reading.lengths))
    cut = [divmod(row * T + t, B)[::-1] for row, t in last]
    return cut != last and all({place} == {*found} for place, found in zip(cut, readouts, strict=True))


def _one_off(reading: LoopRecord, review: int, is_masked: bool, *, after: int) -> Remark:
    return reading.remark(
        "mask-off-by-one" if is_masked else "readout-off-by-one",
        "by one",
        review=review,
        is_zero=not after,
        after=after,
    )


def _masks(reading: LoopRecord) -> bool:
    """True if a review that has ended is left out, or keeps its state."""
    T = reading.xs.shape[1]
    ended = (review for review, length in enumerate(reading.lengths) if length < T)
    return any(reading.origins(review).get(T - 1) != (review, T - 2) for review in ended)
