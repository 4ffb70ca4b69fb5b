"""The check of Task 3: embedding, readout, head and loss around a cell.

How a network reads is in the record of its cell. What its logits read directly is found by their gradient
with respect to each state, while no state depends on the one before. A loss is computed of given logits and
targets, and compared with losses that are known.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from rnn_core.own_cells.case import Case
from rnn_core.own_cells.given import Batches, Given, StudentRun, earlier_cell, mistake_with_own, run_with
from rnn_core.own_cells.loop_check import stop_mistake
from rnn_core.own_cells.loop_mistakes import begin_mistake, is_cut_readout, step_mistake, word_mistake
from rnn_core.own_cells.loop_record import Place, differing
from rnn_core.own_cells.report import Remark, error_remark, remark
from rnn_core.own_cells.source_check import ready_made
from rnn_core.own_cells.source_lines import SourceLines
from rnn_core.own_cells.subject import Checking, Subject
from rnn_core.progress import Progress

_ENLARGED = 30.0
"""Probabilities stay between 0 and 1 where weights are so many times as large; logits do not."""
_MOST_LOGITS = 2
_LEAST_WORDS = 30
_MOST_CONDITION = 1e3
"""The most that the rounding of float32 may grow in a head that is found by its logits."""
_CLOSE = 1e-4
"""The largest difference of equal numbers in float32, in which a network is checked; a loss may add a small
number inside of a logarithm.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gives:
    """The kind of numbers that a network returns for each review."""

    shape: tuple[int, ...]
    """Shape of the numbers of one review: (), (1,) or (2,)."""
    are_probabilities: bool
    are_logs: bool
    """True if they are logarithms of probabilities."""

    @property
    def are_logits(self) -> bool:
        """True if the numbers are neither probabilities nor their logarithms."""
        return not self.are_probabilities and not self.are_logs

    def probabilities(self, z: Tensor) -> Tensor:
        """Probabilities of what a network gives, (N, 1 or 2)."""
        if self.are_logs:
            return z.exp()
        return z if self.are_probabilities else _probabilities(z)

    def logits(self, z: Tensor) -> Tensor:
        """Logits that have these probabilities, (N, 1 or 2)."""
        if self.are_logits or (self.are_logs and z.shape[1] > 1):
            return z
        p = self.probabilities(z)
        return p.log() - (1 - p).log() if z.shape[1] == 1 else p.log()


def check_classifier(subject: Subject) -> Checking:
    """The check of Task 3."""
    own, batches = earlier_cell(subject), _batches(subject.case)

    def run(given: Given) -> Generator[Progress, None, StudentNetwork]:
        sizes = {"V": _words(subject.case), "enlarged": _ENLARGED}
        doing, dtype = "Running the network", "float32"  # it may write `.float()`
        return run_with(given, subject, StudentNetwork, doing, "classify", batches, dtype=dtype, **sizes)

    def remarks() -> Generator[Progress, None, list[Remark]]:
        plain = yield from run(Given(subject.case))
        if (wrong := _mistake(plain)) is not None:
            return [wrong]
        _, why = (yield from mistake_with_own(run(own), _mistake)) if own.own else (None, "")
        lstm = yield from run(Given(subject.case, task="6"))
        if lstm.said["error"] is None and lstm.reads_second:
            return [remark("c-returned-for-h", "by a network")]
        of_loss = yield from check_loss(subject, plain.gives)
        if any(one.is_wrong for one in of_loss):
            return of_loss
        of_own = [remark("earlier-cell", "of a network", cell=own.called, why=why)] if why else []
        return [*of_loss, *_notes(plain), *of_own]

    return subject.report((yield from remarks()), built_on=(own.called,))


def _words(case: Case) -> int:
    """The size of the vocabulary: each word stands once, <pad> apart."""
    return max(case.vocabulary_size, case.batch_size * max(case.lengths) + 2, _LEAST_WORDS)


def _batches(case: Case) -> Batches:
    """Reviews in each of which a word stands once, and what is behind them is padding."""
    generator = torch.Generator().manual_seed(case.seed)
    B, T = case.batch_size, max(case.lengths)
    lengths = torch.tensor(case.lengths)

    def ids(lengths: Tensor) -> Tensor:
        words = torch.randperm(_words(case) - 1, generator=generator)[: B * T].reshape(B, T) + 1
        return words * (torch.arange(T) < lengths.unsqueeze(1))  # <pad> is 0

    both = lengths, lengths.roll(1)
    words = ids(both[0]), ids(both[1])
    d = torch.randn(B * T * case.hidden_size, generator=generator, dtype=torch.float64)
    return Batches(words=words, lengths=both, d=d)


class StudentNetwork(StudentRun):
    """All that a network computed of both batches."""

    @property
    def V(self) -> int:  # noqa: N802 (as in the equations)
        """The size of the vocabulary."""
        return _words(self.given.case)

    @property
    def gives(self) -> Gives:
        """The kind of numbers that the network returns, by their size."""
        values = torch.cat([self.arrays[name] for name in ("single", "large", "turned")])
        return Gives(
            shape=tuple(self.arrays["logits"].shape[1:]),
            are_probabilities=_bounded(values),
            are_logs=_bounded(values.exp()),
        )

    @cached_property
    def parameters(self) -> dict[str, Tensor]:
        """The parameters beside the cell's, by name."""
        named = {name: one for name, one in self.arrays.items() if name.startswith("parameter.")}
        return {name.removeprefix("parameter."): one for name, one in named.items()}

    def trains(self, name: str) -> bool:
        """True if a gradient reaches a parameter."""
        gradient = self.arrays.get(f"gradient.{name}")
        return gradient is not None and bool(gradient.any())

    @cached_property
    def readouts(self) -> list[set[Place | None]]:
        """The places of the states that the logits of each review of the first batch read directly."""
        reading = self.reading(0)
        found: list[set[Place | None]] = [set() for _ in reading.lengths]
        for letter in "hc":
            for number, review, row in self._rows_read(letter):
                if row < len(words := reading.words[number]):
                    found[review].add(words[row])
        return found

    @property
    def reads_second(self) -> bool:
        """True if any logits read c."""
        return next(self._rows_read("c"), None) is not None

    def _rows_read(self, letter: str) -> Iterator[tuple[int, int, int]]:
        """Call, review and row of each state of a letter that the logits of a review read directly."""
        for number in range(len(self.reading(0).calls)):
            shares = self.arrays.get(f"read.{number}.{letter}", torch.zeros(0, 0))
            yield from ((number, review, row) for review, row in shares.nonzero().tolist())


def _bounded(values: Tensor) -> bool:
    """True if values (rows, 1 or 2) are probabilities, two of which sum to 1."""
    lies_between = bool(((values >= 0) & (values <= 1)).all())
    sums_to_one = values.shape[1] == 1 or bool((values.sum(dim=1) - 1).abs().max() < _CLOSE)
    return lies_between and sums_to_one


def _mistake(network: StudentNetwork) -> Remark | None:
    """The first mistake of a network; None where all is right."""
    said = network.said
    if (error := said["error"]) is not None:
        if "vectors" in network.arrays:
            return stop_mistake(network, error, 0)
        return error_remark(error["sentence"], error["line"])
    logits = network.arrays.get("logits")
    if logits is not None and not logits.isfinite().all():
        return remark("not-finite", "in the logits")
    if (found := ready_made(said["modules"])) is not None:
        return found
    for name, shape in said["unregistered"].items():
        return remark("unregistered", "in a network", name=name, shape=tuple(shape))
    if (found := _shape_mistake(network)) is not None:
        return found
    if not said["requires_grad"]:
        return remark("detached", "in a network")
    found = begin_mistake(network.reading(1), network.reading(0))
    if found is not None and found.code == "kept-state":  # which another mistake may seem to be
        return found
    if said["is_random"]:
        return remark("random-inside", "a network")
    return (
        _recurrence_mistake(network)
        or _readout_mistake(network)
        or _row_mistake(network)
        or _training_mistake(network)
    )


def _shape_mistake(network: StudentNetwork) -> Remark | None:
    """The remark on logits of another shape."""
    B, T = network.batches.words[0].shape
    H = network.H
    expected = f"({B},), ({B}, 1) or ({B}, {_MOST_LOGITS})"
    if not network.said["is_tensor"]:
        return remark("logits-shape", "no tensor", returned=network.said["returned"], wanted=expected)
    shape = tuple(network.arrays["logits"].shape)
    if shape in ((B,), (B, 1), (B, _MOST_LOGITS)):
        return None
    if len(shape) > 1 and {B, T} <= set(shape[:2]):
        return remark("head-at-all-steps", shape=shape, wanted=expected, state=(B, H))
    if shape == (B, H):
        return remark("logits-shape", "the state", shape=shape, wanted=expected)
    return remark("logits-shape", shape=shape, wanted=expected)


def _recurrence_mistake(network: StudentNetwork) -> Remark | None:
    """The remark on how the cell reads the words."""
    first, second = network.reading(0), network.reading(1)
    if not first.calls:
        return remark("cell-not-called", "by a network")
    for reading, before in ((first, None), (second, first)):
        wrong = word_mistake(reading) or begin_mistake(reading, before) or step_mistake(reading)
        if wrong is not None:
            return wrong
    return None


def _readout_mistake(network: StudentNetwork) -> Remark | None:
    """The remark on the states that the logits are made of."""
    reading, readouts = network.reading(0), network.readouts
    T = reading.xs.shape[1]
    if is_cut_readout(reading, readouts):
        return replace(remark("rows-mixed", "by a view of all states"), is_reported=True)
    for review, (readout, length) in enumerate(zip(readouts, reading.lengths, strict=True)):
        places = {place for place in readout if place is not None}
        if not places and bool((network.arrays["filled"] == 1).all()):
            return remark("softmax-before-loss", "of one logit")
        if not places:
            return reading.remark("cell-not-called", "for a review", review=review)
        if any(of != review for of, _ in places):
            other = next(of for of, _ in sorted(places) if of != review)
            return reading.remark("rows-mixed", "in the logits", review=review, other=other + 1)
        times = sorted(t for _, t in places)
        if times[-1] >= length:
            return reading.remark(
                "pad-as-word" if network.arrays["vectors"][0].any() else "reads-padding",
                "in the logits",
                review=review,
                word=times[-1] + 1,
            )
        if len(times) == 1 and times != [length - 1] and T > 1:
            return reading.remark("readout-off-by-one", "in the logits", review=review, word=times[0] + 1)
    return None


def _row_mistake(network: StudentNetwork) -> Remark | None:
    """The remark on logits that are others where a review is read alone, or than those computed here."""
    logits = network.arrays["filled"].reshape(len(network.batches.words[0]), -1)
    if (error := network.said["alone_error"]) is not None:
        found = error_remark(error["sentence"], error["line"])
        return replace(found, sentence=f"A review that is read alone, without padding: {found.sentence}")
    alone = network.arrays["alone"]
    if alone.shape == logits.shape and not _agree(alone, logits):
        yours, expected = differing(logits, alone)
        return remark("rows-mixed", "in a network", yours=yours, ours=expected)
    last = [{(review, length - 1)} for review, length in enumerate(network.reading(0).lengths)]
    if network.given.own or network.readouts != last or network.said["is_filled"]:
        return None
    expected_logits = _affine(network)
    if expected_logits is None or _agree(logits, expected_logits):
        return None
    yours, expected = differing(logits, expected_logits)
    return remark("values-differ", "of a network", yours=yours, ours=expected)


def _affine(network: StudentNetwork) -> Tensor | None:
    """The logits of the first batch, computed here: our cell, the student's embedding, and a head W h + b.

    The head is the one that the logits of single words show; None where they show no such head.
    """
    embedding = next((one for one in network.parameters.values() if network.V in one.shape), None)
    single = network.arrays["single"].double()
    V, H = network.V, network.H
    if embedding is None or len(single) != V or 2 * (H + 1) > V:
        return None
    if embedding.shape != network.arrays["vectors"].shape or not _agree(embedding, network.arrays["vectors"]):
        return None

    def states(ids: Tensor, lengths: Tensor) -> Tensor:
        h = network.given.last_states(embedding[ids].double(), lengths)
        return torch.cat([h, h.new_ones(len(h), 1)], dim=1)  # (rows, H + 1)

    word_mistake = states(torch.arange(V).unsqueeze(1).expand(-1, 3), torch.full((V,), 3))
    head = torch.linalg.lstsq(word_mistake, single).solution
    if torch.linalg.cond(word_mistake) > _MOST_CONDITION or not _agree(word_mistake @ head, single):
        return None
    return states(network.batches.words[0], network.batches.lengths[0]) @ head


def _agree(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one.double(), other.double(), rtol=_CLOSE, atol=_CLOSE)


def _training_mistake(network: StudentNetwork) -> Remark | None:
    """The remark on an embedding that no gradient reaches."""
    never, V = network.said["embeddings"], network.V
    names = [*never] or [name for name, one in network.parameters.items() if V in one.shape]
    if not names:
        return remark("embedding-not-trained", "none", count=V)
    for name in names:
        if not network.trains(name):
            return remark("embedding-not-trained", name=name, shape=tuple(network.parameters[name].shape))
    for name, (first, *more) in ((name, found) for name, found in never.items() if found):
        line = SourceLines(network.file.source).argument("padding_idx")
        return remark("word-as-pad", line=line, word=first, more=len(more), name=name)
    return None


def _notes(network: StudentNetwork) -> list[Remark]:
    """Remarks on what is right and worth knowing."""
    found = []
    for name, one in network.parameters.items():
        if not network.trains(name) and network.V not in one.shape:
            found.append(remark("not-trained", name=name, shape=tuple(one.shape)))
    counts = [*map(len, network.readouts)]
    if (most := max(counts)) > 1:
        found.append(network.reading(0).remark("other-readout", review=counts.index(most), count=most))
    if network.arrays["vectors"][0].any():
        found.append(remark("pad-has-a-vector"))
    found.append(remark("two-logits" if network.gives.shape == (_MOST_LOGITS,) else "one-logit"))
    return found


_TARGETS = torch.tensor([1, 0, 1, 1, 0, 1])
_FAR = 60.0 * torch.tensor([1, 1, -1, 1, -1, -1], dtype=torch.float64)
"""Logits of a network that is very sure, rightly and wrongly; of two, their difference."""
Loss = Callable[[Tensor, Tensor], Tensor]
"""A function of the numbers (N, 1 or 2) and targets (N,) of reviews: losses (N,), or of all pairs (N*N,)."""


def check_loss(subject: Subject, gives: Gives) -> Generator[Progress, None, list[Remark]]:
    """The remarks on the loss of a file, whose network gives logits or probabilities."""
    generator = torch.Generator().manual_seed(subject.case.seed)
    width = gives.shape[0] if gives.shape else 1
    logits = 2.5 * torch.randn(len(_TARGETS), width, generator=generator, dtype=torch.float64)
    far = _FAR.unsqueeze(1) if width == 1 else torch.stack([-_FAR / 2, _FAR / 2], dim=1)
    z = _given(logits, gives)
    arrays = {"z": z, "far": _given(far, gives)}
    arrays = {name: one.reshape(-1, *gives.shape).float() for name, one in arrays.items()}
    answer = yield from subject.ask("Computing the loss", "loss", {}, arrays | {"targets": _TARGETS})
    said, value = answer.said, answer.arrays.get("value")
    wrong = _answer_mistake(said, value, subject.file.source)
    if wrong is not None or value is None:
        return [wrong] if wrong else []
    if not said["requires_grad"]:
        return [_no_gradient(said)]
    found = _judged(value.reshape(()).double(), z, answer.arrays["gradient"].double(), gives)
    far_value = answer.arrays.get("far")
    if far_value is not None and not far_value.isfinite().all() and not any(one.is_wrong for one in found):
        return [_infinite(float(far_value), gives)]
    return found


def _given(logits: Tensor, gives: Gives) -> Tensor:
    """The logits (N, 1 or 2), their probabilities or the logarithms of these, as the network returns them."""
    if gives.are_logs:
        return functional.logsigmoid(logits) if logits.shape[1] == 1 else logits.log_softmax(dim=1)
    return _probabilities(logits) if gives.are_probabilities else logits


def _infinite(value: float, gives: Gives) -> Remark:
    size, takes = (30, "cross_entropy") if gives.shape == (2,) else (60, "binary_cross_entropy_with_logits")
    return remark("loss-infinite", size=size, value=value, are_logits=gives.are_logits, function=takes)


def _answer_mistake(said: Mapping[str, Any], value: Tensor | None, source: str) -> Remark | None:
    """The remark on a loss that is no number."""
    if (error := said["error"]) is not None:
        sentence = error["sentence"].removesuffix(".")
        if SourceLines(source).exchanges("loss"):
            return remark("loss-arguments-exchanged", "with an error", line=error["line"], error=sentence)
        if "between 0 and 1" in sentence:
            return remark("loss-of-probabilities", line=error["line"], error=sentence)
        return error_remark(sentence, error["line"])
    if value is None:
        is_number = said["returned"] in ("a float", "an int")
        return _no_gradient(said) if is_number else remark("loss-shape", returned=said["returned"])
    if value.numel() != 1:
        return remark("loss-shape", "many", shape=tuple(value.shape), wanted=(), returned=said["returned"])
    return None


def _no_gradient(said: Mapping[str, Any]) -> Remark:
    return remark("loss-without-gradient", returned=said["returned"])


def _judged(value: Tensor, z: Tensor, gradient: Tensor, gives: Gives) -> list[Remark]:
    """The remarks on a loss by its value, and where that is right by its gradient."""
    known = _known(gives, z.shape[1])
    _, right = known[0]
    yours, ours = (float(value),), (float(right(z, _TARGETS).mean()),)
    for found, loss in known:
        each = z.detach().clone().requires_grad_()
        losses = loss(each, _TARGETS)
        if not losses.isfinite().all():
            continue
        mean, total = losses.mean(), losses.sum()
        divided = total / len(_TARGETS)  # other than the mean where there are more losses than reviews
        for expected in (mean, divided, total):
            if (value - expected).abs() > _CLOSE * (1 + expected.abs()):
                continue
            if found is not None:
                return [replace(found, yours=yours, ours=ours)]
            if expected is total:
                return [*_probabilities_note(gives), remark("loss-sum")]
            (d,) = torch.autograd.grad(expected, each)
            if gives.are_logits and not torch.allclose(gradient.reshape(d.shape), d, atol=10 * _CLOSE):
                return [remark("wrong-gradient", "of a loss")]
            return _probabilities_note(gives)
    return [remark("loss-other", yours=yours, ours=ours)]


def _probabilities_note(gives: Gives) -> list[Remark]:
    return [] if gives.are_logits else [remark("returns-probabilities")]


def _probabilities(logits: Tensor) -> Tensor:
    return torch.sigmoid(logits) if logits.shape[1] == 1 else torch.softmax(logits, dim=1)


def _binary(logits: Tensor, targets: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(
        logits.squeeze(1), targets.to(logits), reduction="none"
    )


def _known(gives: Gives, width: int) -> list[tuple[Remark | None, Loss]]:
    """The losses that are known with the remark on each, the right one first, on which there is none."""
    base: Loss = _binary if width == 1 else partial(functional.cross_entropy, reduction="none")
    function = "sigmoid" if width == 1 else "softmax"

    def right(z: Tensor, t: Tensor) -> Tensor:
        return base(gives.logits(z), t)

    def squared(z: Tensor, t: Tensor) -> Tensor:
        return _squared(gives.probabilities(z), t)

    twice: Loss = base if gives.are_probabilities else lambda z, t: base(_probabilities(z), t)
    of_width: list[tuple[Remark | None, Loss]] = [
        (remark("loss-without-softmax"), lambda z, t: -z.gather(1, t.unsqueeze(1)).squeeze(1)),
        (remark("loss-other", "of two sigmoids"), _two_sigmoids),
    ]
    if width == 1:
        of_width = [
            (remark("loss-arguments-exchanged"), lambda z, t: _binary(t.to(z).unsqueeze(1), z.squeeze(1)))
        ]
    broadcast = remark("loss-broadcast", "of a column" if gives.shape == (1,) else "")
    return [
        (None, right),
        (
            remark(
                "softmax-before-loss", "in both" if gives.are_probabilities else "twice", function=function
            ),
            twice,
        ),
        (remark("loss-targets-reversed"), lambda z, t: right(z, 1 - t)),
        (remark("loss-sign"), lambda z, t: -right(z, t)),
        (remark("loss-squared"), squared),
        (remark("loss-squared", "of logits"), _squared),
        *of_width,
        (broadcast, _pair_losses(right)),
        (broadcast, _pair_losses(squared)),
        (remark("loss-other", "of positive reviews"), lambda z, t: t * right(z, t)),
        (remark("loss-other", "of probabilities"), lambda z, t: -torch.exp(-right(z, t))),
        (remark("loss-other", "of distances"), lambda z, t: 1 - torch.exp(-right(z, t))),
    ]


def _two_sigmoids(z: Tensor, targets: Tensor) -> Tensor:
    aims = functional.one_hot(targets, 2).to(z)
    return functional.binary_cross_entropy_with_logits(z, aims, reduction="none").mean(dim=1)


def _pair_losses(loss: Loss) -> Loss:
    """The losses of all pairs of a review and a target, (N * N,)."""
    return lambda z, t: loss(z.repeat_interleave(len(t), dim=0), t.repeat(len(t)))


def _squared(values: Tensor, targets: Tensor) -> Tensor:
    aims = targets.unsqueeze(1) if values.shape[1] == 1 else functional.one_hot(targets, 2)
    return (values - aims).square().mean(dim=1)
