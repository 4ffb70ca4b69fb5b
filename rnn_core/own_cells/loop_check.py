"""The checks of Tasks 2 and 7: a loop that begins with zeros, and the state after each review's last word.

Whether it is right is said by values, computed a second way: for our cells here, for a student's row by row
in its process. What is wrong is read from the record of the cell, in the order in which a loop goes.
"""

from collections.abc import Generator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from rnn_core.own_cells.case import Case
from rnn_core.own_cells.given import Batches, Given, StudentRun, earlier_cell, mistake_with_own, run_with
from rnn_core.own_cells.loop_mistakes import begin_mistake, named, step_mistake, word_mistake
from rnn_core.own_cells.loop_record import TOLERANCE, LoopRecord, differing
from rnn_core.own_cells.report import Remark, error_remark, remark
from rnn_core.own_cells.subject import Checking, Subject
from rnn_core.progress import Progress

_VAGUE = {"state-changed", "words-changed"}
"""Codes that say less than what a result depends on."""


def check_loop(subject: Subject) -> Checking:
    """The check of Task 2."""
    remarks, _ = yield from _judged(subject)
    return subject.report(remarks, built_on=(earlier_cell(subject).called,))


def check_padding(subject: Subject) -> Checking:
    """The check of Task 7: a loop that does not compute on padding, by the rows that its cell gets."""
    found, reading = yield from _judged(subject)
    remarks = [
        replace(one, code="ended-rows-change") if one.code == "reads-padding" else one for one in found
    ]
    if not any(one.is_wrong for one in remarks):
        rows, words = reading.rows, sum(reading.lengths)
        skips = remark("skips-padding", words=words, rows=rows)
        computes = remark("computes-on-padding", words=words, rows=rows, padding=rows - words)
        remarks.append(skips if rows <= words else computes)
    return subject.report(remarks, built_on=(earlier_cell(subject).called,))


def _batches(case: Case) -> Batches:
    """Random words; no review of the first batch has the length that it has in the second."""
    generator = torch.Generator().manual_seed(case.seed)
    B, T, E, H = case.batch_size, max(case.lengths), case.input_size, case.hidden_size

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    lengths, words = torch.tensor(case.lengths), (normal(B, T, E), normal(B, T, E))
    return Batches(words=words, lengths=(lengths, lengths.roll(1)), d=normal(B, H))


class LoopRun(StudentRun):
    """Results of a loop for both batches with one cell, and the right ones."""

    @cached_property
    def expected(self) -> list[Tensor]:
        """The right result of each batch, (B, H)."""
        if self.given.own:
            return [self.arrays["expected0"], self.arrays["expected1"]]
        pairs = zip(self.batches.words, self.batches.lengths, strict=True)
        return [self.given.last_states(*pair) for pair in pairs]

    @cached_property
    def expected_gradient(self) -> Tensor:
        """The right gradient of the first batch, (B, T, E)."""
        if self.given.own:
            return self.arrays["expected_gradient"]
        xs = self.batches.words[0].clone().requires_grad_()
        last = self.given.last_states(xs, self.batches.lengths[0])
        return torch.autograd.grad(last, xs, self.batches.d)[0]

    def result(self, number: int) -> Tensor | None:
        """Return its result for a batch, or the first of several; None for no tensor."""
        return self.arrays.get(f"result{number}")

    def is_right(self, number: int) -> bool:
        """True if the values of a batch are right."""
        result, expected = self.result(number), self.expected[number]
        return result is not None and result.shape == expected.shape and _agree(result, expected)


def _judged(subject: Subject) -> Generator[Progress, None, tuple[list[Remark], LoopRecord]]:
    """Run a loop with our plain cell, the student's own, our LSTM, and our plain cell with another dtype.

    Returns all remarks, the first mistake first, and what the loop did with our plain cell.
    """
    batches, own = _batches(subject.case), earlier_cell(subject)

    def run(given: Given, default: str = "float64") -> Generator[Progress, None, LoopRun]:
        return run_with(given, subject, LoopRun, "Running the loop", "loop", batches, default=default)

    def remarks(plain: LoopRun) -> Generator[Progress, None, list[Remark]]:
        wrong, of_own, why = mistake(plain), None, ""
        if own.own:
            of_own, why = yield from mistake_with_own(run(own), mistake)
        if wrong is not None:
            return [of_own or wrong]
        if why:
            return [remark("earlier-cell", "of a loop", cell=own.called, why=why)]
        lstm = yield from run(Given(subject.case, task="6"))
        takes_two = lstm.said["batches"][0]["error"] is None  # a tuple of two states
        of_two = mistake(lstm) if takes_two else remark("one-state")
        if of_two is not None and of_two.is_wrong:
            return [of_two]
        # What is made without a dtype is float32 then.
        if (lost := _dtype_lost((yield from run(Given(subject.case), "float32")))) is not None:
            return [lost]
        return [*([of_two] if of_two else []), *_broadcast(plain)]

    plain = yield from run(Given(subject.case))
    return (yield from remarks(plain)), plain.reading(0)


def mistake(run: LoopRun) -> Remark | None:
    """The first mistake of a loop with one cell; None where all is right."""
    for number in range(2):
        if (error := run.said["batches"][number]["error"]) is not None:
            return stop_mistake(run, error, number)
        result = run.result(number)
        if (wrong := _shape_mistake(run, number)) is not None or result is None:
            return wrong
        if not run.is_right(number):
            return _value_mistake(run, number, result.to(torch.float64))
    if changed := " and ".join(run.said["batches"][0]["changed"]):
        return remark("changes-input", "of a loop", what=changed)
    return _gradient_mistake(run)


def _agree(yours: Tensor, expected: Tensor) -> bool:
    return torch.allclose(yours.to(expected.dtype), expected, rtol=0, atol=TOLERANCE)


def stop_mistake(run: StudentRun, error: Mapping[str, Any], number: int) -> Remark:
    """The remark on the cause of an error in a batch, where the record shows it; else on the error."""
    line, reading = error["line"], run.reading(number)
    said = str(error["sentence"]).removesuffix(".")
    found = word_mistake(reading) or _state_mistake(reading, run.H, said)
    if found is None and (error["type"] in ("IndexError", "KeyError") or "out of bounds" in said):
        found = begin_mistake(reading, None) or step_mistake(reading)
        if found is None and reading.calls and "cell(" not in run.file.line(line or 0):
            longest, B = max(reading.lengths), len(reading.lengths)
            if said.endswith(f"with size {B}") and longest > B:
                found = remark("batch-as-time", "by an index", error=said, B=B)
            else:
                found = remark(
                    "readout-off-by-one", "by an index", error=said, length=longest, last=longest - 1
                )
    return replace(found, line=line) if found else error_remark(said, line)


def _state_mistake(reading: LoopRecord, H: int, said: str) -> Remark | None:
    """The remark on the state that the cell was given when it failed."""
    if not reading.calls:
        return None
    call = reading.calls[-1]
    rows = len(reading.lengths) if call.x is None or call.x.dim() < 2 else len(call.x)
    expected = f"({rows}, {H})"
    if not call.before:
        return remark("state-shape", "no tensor", error=said, wanted=expected)
    for state in call.before:
        shape = tuple(state.shape)
        if shape not in ((rows, H), (1, H), (H,)):
            return remark("state-shape", shape=shape, wanted=expected)
        if state.dtype != reading.xs.dtype:
            return _lost(state.dtype, reading.xs.dtype)
    return None


def _lost(dtype: torch.dtype, expected: torch.dtype = torch.float64) -> Remark:
    words, state = (str(one).removeprefix("torch.") for one in (expected, dtype))
    return remark("dtype-lost", "in a loop", words=words, state=state)


def _shape_mistake(run: LoopRun, number: int) -> Remark | None:
    """The remark on what was returned, where it is no tensor of one state for each review."""
    said, result = run.said["batches"][number], run.result(number)
    (B, T, _), H = run.batches.words[number].shape, run.H
    expected = f"({B}, {H})"
    has_two_states = any(len(call.after) > 1 for call in run.reading(number).calls[:1])
    if result is not None and result.shape == (B, H) and (has_two_states or not said["is_several"]):
        return None
    returned = said["returned"]
    if returned == "None":
        return remark("result-shape", "nothing", returned=returned)
    if result is None or said["is_several"]:
        return remark("result-shape", returned=returned, wanted=expected)
    shape = tuple(result.shape)
    return remark(
        "result-shape",
        {
            (B, T, H): "all states",
            (T, B, H): "all states",
            (1, B, H): "one dimension too many",
            (H, B): "reviews last",
            (H,): "one review",
        }.get(shape, ""),
        shape=shape,
        returned=returned,
        wanted=expected,
    )


def _value_mistake(run: LoopRun, number: int, result: Tensor) -> Remark:
    """The mistake of a loop whose values are wrong."""
    expected = run.expected[number]
    if not result.isfinite().all():
        return remark("not-finite", "in the result")
    reading = run.reading(number)
    found = named(reading, result, run.reading(0) if number else None)
    if found is not None and found.code == "state-not-zero" and _begins_otherwise(run):
        found = remark("state-random")
    if found is None or found.code in _VAGUE:
        found = _dependence(run) or found
    if found is None and number and all(run.reading(0).found(row, None) for row in result):
        found = remark("kept-state", "at last")
    if found is None:
        row = int((result - expected).abs().amax(dim=-1).argmax())
        found = reading.remark("values-differ", "of a loop", review=row)
    yours, right = differing(result, expected)
    return replace(found, yours=yours, ours=right)


def _dependence(run: LoopRun) -> Remark | None:
    """The remark on what a result depends on and must not: a seed, other reviews, later words."""
    first, again = run.result(0), run.result(2)  # of the same words, after another seed
    is_alike = first is None or again is None or (again.shape == first.shape and _agree(again, first))
    if not is_alike and not run.is_right(0):
        return remark("random-inside", "a loop")
    of_first = run.arrays.get("gradient_of_first")
    if of_first is not None and of_first[1:].any():
        review = int(of_first[1:].flatten(1).any(dim=1).nonzero()[0]) + 1
        return remark("rows-mixed", "by its gradient", other=review + 1)
    gradient, reading = run.arrays.get("gradient"), run.reading(0)
    for review, length in enumerate(reading.lengths):
        if gradient is not None and gradient[review, length:].any():
            later = length + int(gradient[review, length:].any(dim=1).nonzero()[0])
            return reading.remark("reads-the-future", "by its gradient", review=review, later=later + 1)
    return None


def _begins_otherwise(run: LoopRun) -> bool:
    """True if the first state of the second batch is another one than that of the first."""
    first, second = (run.reading(number).calls for number in range(2))
    if not first or not second or not first[0].before or not second[0].before:
        return False
    one, other = first[0].before[0], second[0].before[0]
    return one.shape == other.shape and not _agree(one, other)


def _gradient_mistake(run: LoopRun) -> Remark | None:
    """The remark on what training would get, where the values are right."""
    said, expected = run.said["batches"][0], run.expected_gradient
    if said["backward_error"] is not None:
        error = said["backward_error"]
        said_so = str(error["sentence"]).removesuffix(".")
        return remark("breaks-autograd", "in a loop", line=error["line"], error=said_so)
    if not said["requires_grad"]:
        return remark("detached", "in a loop")
    yours = run.arrays["gradient"]
    if _agree(yours, expected):
        return None
    row, reading = int((yours - expected).abs().amax(dim=(1, 2)).argmax()), run.reading(0)
    last = next((t for t in range(reading.lengths[row])[::-1] if not yours[row, t].any()), None)
    if last is not None:
        return reading.remark("detached", "at a word", word=last + 1, review=row)
    numbers = differing(yours[row], expected[row])
    return reading.remark("wrong-gradient", "of a loop", yours=numbers[0], ours=numbers[1], review=row)


def _dtype_lost(run: LoopRun) -> Remark | None:
    """The remark on what is float32 where the words are float64; None where nothing is."""
    for number, said in enumerate(run.said["batches"][:2]):
        calls = run.reading(number).calls
        dtypes = {state.dtype for call in calls for state in call.before}
        if (other := next(iter(dtypes - {torch.float64}), None)) is not None:
            return _lost(other)
        if said["error"] is not None:
            error = said["error"]
            return remark(
                "dtype-lost", "in a loop, with an error", line=error["line"], error=error["sentence"]
            )
        result = run.result(number)
        if result is not None and result.dtype != torch.float64:
            return _lost(result.dtype)
    return None


def _broadcast(run: LoopRun) -> list[Remark]:
    """The remark on a first state that has fewer rows than there are reviews."""
    call = run.reading(0).calls[0]
    if call.x is None or call.x.dim() < 2 or not call.before or call.before[0].shape == call.after[0].shape:
        return []
    shape, expected = tuple(call.before[0].shape), tuple(call.after[0].shape)
    return [remark("state-broadcast", shape=shape, wanted=expected)]
