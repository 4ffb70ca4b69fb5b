"""Names the mistake of a loop by what it did: which words it read, from which states, and what it returned.

Reviews and words are counted from 1 in sentences, from 0 in places.
"""

from collections.abc import Collection, Sequence

from torch import Tensor

from rnn_core.own_cells.loop_record import OTHER, ZERO, Place, Reading
from rnn_core.own_cells.report import Remark, remark

Origin = Place | str


def named(
    reading: Reading, result: Tensor, after_the_end: str, before: Reading | None = None
) -> Remark | None:
    """The first mistake in the order in which a loop goes; None where none of these is made.

    `result` is (B, H). `before` is what the loop did in the batch before. `after_the_end` is the code for a
    result that is the state at the end of the padding.
    """
    if not reading.calls:
        return remark("cell-not-called", "The loop never calls `cell(x, h)`.", is_reported=True)
    readouts = [
        reading.found(row, (review, reading.lengths[review] - 1)) or (OTHER if row.any() else ZERO)
        for review, row in enumerate(result)
    ]
    return (
        of_words(reading)
        or of_begin(reading, before)
        or _of_inverted_mask(reading, readouts)
        or of_steps(reading)
        or of_readouts(reading, readouts, result, after_the_end)
    )


def of_words(reading: Reading) -> Remark | None:
    """The remark on what the cell was given as words."""
    E = reading.xs.shape[-1]
    for number, call in enumerate(reading.calls):
        read = reading.words(number)
        places = {place for place in read if place is not None}
        if len(places) > 1 and len({review for review, _ in places}) == 1 and len(reading.lengths) > 1:
            sentence = (
                f"Call {number + 1} gives the cell several words of review {min(places)[0] + 1} at once. A "
                "time step is one word of every review: `xs[:, t]`."
            )
            if _is_cut(reading):
                sentence += (
                    " `view` and `reshape` to (T, B, E) don't exchange the axes, `transpose(0, 1)` does."
                )
            return remark("batch-as-time", sentence, is_reported=True)
        if call.x is not None and (call.x.shape[-1:] != (E,) or call.x.dim() > 2):
            return remark(
                "words-changed",
                f"Call {number + 1} gives the cell x of shape {tuple(call.x.shape)}, expected (rows, {E}).",
                shapes=f"yours {tuple(call.x.shape)}, expected (rows, {E})",
                is_reported=True,
            )
        for row, place in enumerate(read):
            if place is None and call.x is not None and call.x.reshape(-1, E)[row].any():
                return remark(
                    "words-changed",
                    f"Row {row + 1} of call {number + 1} is no word of the batch: give the cell `xs[:, t]` "
                    "as it is.",
                    is_reported=True,
                )
    return None


def _is_cut(reading: Reading) -> bool:
    """True if each call was given the words that come next as the batch lies, review after review."""
    B, T = len(reading.lengths), reading.xs.shape[1]
    return all(
        len(read) == B
        and all(
            place in (None, divmod(number * B + row, T)) or place[1] >= reading.lengths[place[0]]
            for row, place in enumerate(read)
        )
        for number, read in enumerate(map(reading.words, range(len(reading.calls))))
    )


def of_begin(reading: Reading, before: Reading | None) -> Remark | None:
    """The remark on the first time step of each review."""
    if _reads_the_word_before(reading):
        at_first = {place for place in reading.words(0) if place is not None}
        is_last = any((review, length - 1) in at_first for review, length in enumerate(reading.lengths))
        sentence = (
            "Step 2 reads word 1, step 3 word 2, and so on: each step reads the word before its own"
            + (", and step 1 the last one, since the index -1 counts from the end" if is_last else "")
            + ". Give the cell `xs[:, t]`, with t from 0 on."
        )
        return remark("word-before", sentence, is_reported=True)
    for review in range(len(reading.lengths)):
        steps = reading.of(review)
        if not steps or steps[0].place is None:
            continue
        t, origin = steps[0].place[1], steps[0].origin
        times = [one.place[1] for one in steps if one.place is not None]
        if t > 0 and len(times) > 1 and times == sorted(times, reverse=True):
            return remark(
                "reads-the-future",
                f"Review {review + 1} is read from its word {t + 1} back to its word {times[-1] + 1}. Begin "
                "with word 1, which is xs[:, 0].",
                is_reported=True,
            )
        if t > 0:
            return remark(
                "starts-late",
                f"The loop begins with word {t + 1} of review {review + 1}: t must begin at 0.",
                is_reported=True,
            )
        if origin == ZERO:
            continue
        if origin != OTHER:
            return remark(
                "rows-mixed",
                f"Review {review + 1} begins with a state of review {int(origin[0]) + 1}: begin with zeros.",
                is_reported=True,
            )
        return _of_first_state(reading, before, steps[0].call, steps[0].row)
    return None


def _reads_the_word_before(reading: Reading) -> bool:
    """True if call 2 reads the first words, call 3 the second ones, and so on, and call 1 no first word."""
    if len(reading.calls) < 2 or any(place is not None and place[1] == 0 for place in reading.words(0)):
        return False
    T = reading.xs.shape[1]
    return all(
        place is None or place[1] in (number - 1, *range(reading.lengths[place[0]], T))
        for number in range(1, len(reading.calls))
        for place in reading.words(number)
    )


def _of_first_state(reading: Reading, before: Reading | None, call: int, row: int) -> Remark | None:
    """The remark on a first state that is not zero."""
    if not reading.calls[call].before:
        return None
    state = reading.calls[call].before[0]
    state = state.reshape(-1, state.shape[-1])
    state = state[min(row, len(state) - 1)]
    numbers = ", ".join(f"{one:.3g}" for one in state[:3].tolist())
    code, why = "state-not-zero", f"The first state is not zero but {numbers}, .."
    if before is not None and before.found(state, None) is not None:
        code, why = "kept-state", "The first state is one of the batch before"
    return remark(code, f"{why}. Begin with `xs.new_zeros(B, H)`.", yours=tuple(state[:3].tolist()))


def _of_inverted_mask(reading: Reading, readouts: Sequence[Origin]) -> Remark | None:
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
    return remark(
        "mask-inverted",
        f"Review {review + 1} keeps its state of zeros over its {words(reading.lengths[review])}, and "
        "changes where it has ended: exchange the two.",
        is_reported=True,
    )


def of_steps(reading: Reading) -> Remark | None:
    """The remark on what goes from one time step to the next."""
    handed_on = False
    for one in reading.taken:
        if one.place is not None and one.origin == one.place:
            sentence = f"Word {one.place[1] + 1} of review {one.place[0] + 1} is read twice in a row."
            return remark("word-twice", sentence, is_reported=True)
    for review, length in enumerate(reading.lengths):
        origins = reading.origins(review)
        missing = [t for t in range(length) if t not in origins]
        if missing:
            return _of_missing(reading, review, missing)
        for t in range(1, length):
            origin = origins[t]
            if origin == (review, t - 1):
                handed_on = True
                continue
            if origin == ZERO:
                if handed_on:
                    sentence = f"Review {review + 1} begins again with zeros at its word {t + 1}."
                else:
                    sentence = (
                        f"Word {t + 1} of review {review + 1} is read with a state of zeros. What the cell "
                        "returned at the word before must be given to it again: `h = cell(xs[:, t], h)`."
                    )
                return remark("state-not-handed-on", sentence, is_reported=True)
            if isinstance(origin, str):
                sentence = (
                    f"At its word {t + 1} review {review + 1} has a state that the cell never returned: hand "
                    "on what it returned, as it is."
                )
                return remark("state-changed", sentence, is_reported=True)
            if origin[0] != review:
                sentence = (
                    f"At its word {t + 1} review {review + 1} has the state of review {origin[0] + 1}: each "
                    "row is a review of its own."
                )
                return remark("rows-mixed", sentence, is_reported=True)
            code = "reads-the-future" if origin[1] > t else "state-changed"
            sentence = (
                f"Word {t + 1} of review {review + 1} is read with the state after word {origin[1] + 1}, not "
                f"after word {t}."
            )
            return remark(code, sentence, is_reported=True)
    return None


def _of_missing(reading: Reading, review: int, missing: Sequence[int]) -> Remark:
    """The remark on words that are never read."""
    lengths, (B, T, E) = reading.lengths, reading.xs.shape
    if (unsorted := _of_unsorted(reading)) is not None:
        return unsorted
    read = [reading.origins(one) for one in range(B)]
    steps = 1 + max(t for origins in read for t in origins) if any(read) else 0
    ends = all(
        {t for t in origins if t < length} == {*range(min(length, steps))}
        for origins, length in zip(read, lengths, strict=True)
    )
    if ends and 0 < steps < T - 1:
        taken = counted(steps, "step")
        longest = f"and review {lengths.index(T) + 1} has {words(T)}. The number of steps is `xs.shape[1]`."
        if steps == B:
            sentence = f"The loop takes {taken}, one for each review, as `len(xs)` counts, {longest}"
            return remark("batch-as-time", sentence, is_reported=True)
        meant = {
            E: ", as many as E,",
            min(lengths): ", which is the shortest length,",
            lengths[0]: ", which is the length of review 1,",
        }
        return remark(
            "stops-early", f"The loop takes {taken}{meant.get(steps, '')} {longest}", is_reported=True
        )
    if missing == [lengths[review] - 1]:
        every = all(length - 1 not in reading.origins(one) for one, length in enumerate(lengths))
        if every and any(length < max(lengths) for length in lengths):
            return remark(
                "mask-off-by-one",
                f"Review {review + 1} has {words(lengths[review])}, and its last one is left out: with t "
                "from 0 on, a review runs while t < length.",
                is_reported=True,
            )
        return remark(
            "stops-early",
            f"Word {lengths[review]} of review {review + 1}, its last one, is never read: the loop is one "
            "step short.",
            is_reported=True,
        )
    return remark(
        "words-skipped", f"Word {missing[0] + 1} of review {review + 1} is never read.", is_reported=True
    )


def _of_unsorted(reading: Reading) -> Remark | None:
    """The remark on a loop that takes the first rows for those still running, where these are others."""
    lengths, order = reading.lengths, [place[0] for place in reading.words(0) if place is not None]
    if sorted(order) != [*range(len(lengths))]:
        return None
    for t in range(1, len(reading.calls)):
        read, running = reading.words(t), {one for one, length in enumerate(lengths) if length > t}
        if len(read) != len(running) or any(
            row >= len(order) or (order[row] in running and place != (order[row], t))
            for row, place in enumerate(read)
        ):
            return None
        left_out = running - {*order[: len(read)]}
        if left_out:
            review = min(left_out)
            is_turned = sorted(lengths) == [lengths[one] for one in order]
            rows = "row" if len(read) == 1 else f"{len(read)} rows"
            sentence = (
                f"Step {t + 1} takes the first {rows} for the reviews that are still running, and "
                f"leaves out review {review + 1}, which has {words(lengths[review])}: "
                + ("the shortest review comes first" if is_turned else "the rows are not sorted by length")
                + ". The longest review must come first."
            )
            return remark("rows-not-sorted", sentence, is_reported=True)
    return None


def of_readouts(
    reading: Reading, readouts: Sequence[Origin], result: Tensor, after_the_end: str
) -> Remark | None:
    """The remark on which states a result is made of, where the time steps themselves are right."""
    lengths, T = reading.lengths, reading.xs.shape[1]
    last = [(review, length - 1) for review, length in enumerate(lengths)]
    wrong = [review for review, found in enumerate(readouts) if found != last[review]]
    if not wrong:
        return None
    review = wrong[0]
    if all(reading.is_second(row) for row in result):
        return remark(
            "c-returned-for-h", "The result is the cell state c: return the hidden state h, the first one."
        )
    places = [found for found in readouts if not isinstance(found, str)]
    if len(places) == len(readouts) and set(places) <= set(last):
        if len(set(places)) == len(places):
            return remark(
                "rows-not-put-back",
                f"Row {review + 1} of the result belongs to review {places[review][0] + 1}: put the rows "
                "back into the order in which the reviews came.",
            )
        return remark(
            "rows-mixed", f"Row {review + 1} of the result is the state of review {places[review][0] + 1}."
        )
    if is_cut_readout(reading, [{found} for found in readouts]):
        return remark("rows-mixed", CUT)
    if any(found[0] != row for row, found in enumerate(readouts) if not isinstance(found, str)):
        return remark("rows-mixed", f"Row {review + 1} of the result has a state of another review.")
    zeroed = [review for review in wrong if reading.is_after_no_word(result[review])]
    if zeroed:
        review = zeroed[0]
        sentence = (
            f"Review {review + 1} has {words(lengths[review])}, and its result is a state after padding, "
            "whose words are zero: the state changes all the same."
        )
        return remark(after_the_end, sentence)
    if OTHER in readouts:
        return None
    times = [-1 if isinstance(found, str) else found[1] for found in readouts]
    off = [t - (length - 1) for t, length in zip(times, lengths, strict=True)]
    masked = _masks(reading)
    if all(one == -1 for one in off):
        return _one_off(masked, review, lengths[review], lengths[review] - 1)
    if all(times[one] == -1 for one in wrong):
        return remark(
            "mask-zeroes",
            f"The result of review {review + 1}, of {words(lengths[review])}, is zero: a mask must keep the "
            "state, not wipe it out.",
        )
    late = [min(length, T - 1) for length in lengths]
    if times == late and (masked or any(t < T - 1 for t in times)):
        return _one_off(masked, review, lengths[review], lengths[review] + 1)
    if all(t == T - 1 for t in times):
        return remark(
            after_the_end,
            f"Review {review + 1} has {words(lengths[review])}, and its result is the state after word {T}, "
            "which is padding.",
        )
    if times[review] >= lengths[review]:
        return remark(
            after_the_end,
            f"Review {review + 1} has {words(lengths[review])}, and its result is the state after word "
            f"{times[review] + 1}, which is padding.",
        )
    return remark(
        "readout-off-by-one",
        f"Review {review + 1} has {words(lengths[review])}, and its result is the state after word "
        f"{times[review] + 1}.",
    )


CUT = (
    "The states are (T, B, H), and `view` or `reshape` makes rows (B, T, H) of them in which reviews are "
    "mixed: `transpose(0, 1)` exchanges the axes, or stack them with dim=1."
)


def is_cut_readout(reading: Reading, readouts: Sequence[Collection[Origin | None]]) -> bool:
    """True if each review's readout is a state out of all states (T, B, H) cut as if they were (B, T, H)."""
    B, T = len(reading.lengths), reading.xs.shape[1]
    last = list(enumerate(length - 1 for length in reading.lengths))
    cut = [divmod(row * T + t, B)[::-1] for row, t in last]
    return cut != last and all({place} == {*found} for place, found in zip(cut, readouts, strict=True))


def _one_off(masked: bool, review: int, length: int, after: int) -> Remark:
    code = "mask-off-by-one" if masked else "readout-off-by-one"
    state = f"the state after word {after}" if after else "the state of zeros before its first word"
    advice = "with t from 0 on, a review runs while t < length" if masked else "its last word is length - 1"
    return remark(
        code, f"Review {review + 1} has {words(length)}, and its result is {state}: counted from 0, {advice}."
    )


def _masks(reading: Reading) -> bool:
    """Whether a review that has ended is left out, or keeps its state."""
    T = reading.xs.shape[1]
    for review, length in enumerate(reading.lengths):
        origins = reading.origins(review)
        if length < T and origins.get(T - 1) != (review, T - 2):
            return True
    return False


def words(count: int) -> str:
    """A number of words, in words."""
    return counted(count, "word")


def counted(count: int, noun: str) -> str:
    """A number of what a noun names.

    >>> counted(1, "word"), counted(3000, "step")
    ('1 word', '3,000 steps')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
