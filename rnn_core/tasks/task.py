"""The question that a network is asked, and all that follows from it.

A task says what the targets of a batch are, how many classes an answer is chosen from, whether the head
answers once a text or at every time step, what the loss and the score are, and what is better. A task is
declared in `rnn_core.config.tasks`; nothing outside its file and its declaration names it, and its file
completes the declaration.

R answers are asked of a batch: one of each of B texts, or one at each of N packed time steps, or at some.
"""

import importlib
import math
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from rnn_core.config.corpora import CorpusRef
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import TASKS
from rnn_core.config.text_settings import TextConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_reviews
from rnn_core.data.reading import Batch, ByLength, Reading
from rnn_core.errors import DataError
from rnn_core.languages.along import Along
from rnn_core.nn.classifier import Classifier, Left, count_parameters
from rnn_core.nn.packing import packing
from rnn_core.tasks.classes import cross_entropies, most_probable
from rnn_core.text.vocabulary import SPECIAL_TOKENS, Vocabulary
from rnn_core.text.window import room_for_words

_LOGITS_AT_ONCE = 4_000_000
"""The most logits computed at once; larger batches are split and recomputed in the backward pass."""
_TEXTS_AT_ONCE = 64  # small enough that the states of a batch stay in the cache

N = TypeVar("N", bound=Classifier)
Fact = TypeVar("Fact")
KeepGoing = Callable[[float], bool]
"""Returns True to go on, given the share that is done."""


class ScoringStoppedError(Exception):
    """The scoring was stopped before all texts were scored."""


class Measure(NamedTuple):
    """A number that a training is followed by."""

    field: str
    """Its name in a record and in a table."""
    title: str
    number: str
    """Format for Python and a chart."""
    in_full: str
    """Format where it stands alone."""
    higher_is_better: bool
    subtitle: str = ""

    @property
    def name(self) -> str:
        """The title within a sentence."""
        return self.title[0].lower() + self.title[1:]

    @property
    def is_share(self) -> bool:
        """True if it is a part of all, 0 to 1, and written in per cent."""
        return self.number.endswith("%")


class FurtherScore(NamedTuple):
    """A score that follows from what is kept of a result."""

    measure: Measure
    of: Callable[[Mapping[str, Any]], float]
    """Computes it from the scores that are kept."""
    column: str
    """Its title in a table of runs."""
    in_column: str
    """The meaning of that column, in a sentence."""
    meaning: str
    """Sentences on how to read it."""

    def in_words(self, scores: Mapping[str, Any]) -> str:
        """Its name and its value."""
        return f"{self.measure.name} {self.of(scores):{self.measure.in_full}}"


class AtAGlance(NamedTuple):
    """The scores by which many runs are compared at a glance, each case a small picture."""

    shares: tuple[Measure, ...]
    """Scores between 0 and 1, drawn as bars one below the other."""
    number: Measure
    """Score that is written below them."""


class ScoreWords(NamedTuple):
    """Sentences on the score; `value` is written as the measure says, `title` is its name."""

    batch: str = "**{value}** {title}"
    """Result of a batch."""
    result: str = "It has **{value}** {title} on {texts}"
    """Result on the test texts, without a full stop."""
    best: str = "{value} {title} on the validation {texts} at best, after epoch {epoch}{since}."
    """Result of one run."""
    all_equal: str = "At their best all have {value} {title} on the validation {texts}."
    best_and_last: str = (
        "At its best {first} has the best {title} on the validation {texts}, {value}, and {last} the worst, "
        "{least}."
    )
    """Comparison of several runs."""
    two_equal: str = "{first} and {second} have the same {title} on the validation {texts}, {value}."
    two: str = "{first} has the best {title} on the validation {texts}, {value}; {second} has {least}"
    """Comparison of the two best runs, without a full stop."""
    several: str = "scores"
    """Name of the scores of several runs."""
    truth: str = ""
    """A sentence on the line of the truth, where there is one."""


class Guess(NamedTuple):
    """The best answer that is the same whatever is asked."""

    loss: float
    """Mean cross-entropy in nats."""
    accuracy: float
    """The share of answers that are right."""
    what: str
    """Noun for what has this loss, as in "the loss of a coin"."""

    @classmethod
    def among(cls, classes: int) -> Self:
        """The guess among K classes of which nothing is known.

        >>> Guess.among(2).what, round(Guess.among(2).loss, 3)
        ('a coin', 0.693)
        """
        what = "a coin" if classes == 2 else f"guessing among {classes} classes"
        return cls(math.log(classes), 1 / classes, what)


def corpus_fact(compute: Callable[..., Fact]) -> Callable[..., Fact | None]:
    """Keep what is computed from a corpus until its files change; None where it is gone or damaged."""

    @lru_cache(maxsize=64)
    def kept(ref: CorpusRef, _changed: int, *more: Hashable) -> Fact:
        return compute(ref, *more)

    def known(ref: CorpusRef, *more: Hashable) -> Fact | None:
        try:
            return kept(ref, (ref.folder / "offsets.npy").stat().st_mtime_ns, *more)
        except (DataError, OSError):  # the page says so where the corpus is needed
            return None

    return known


class Asked(NamedTuple):
    """The targets of a batch."""

    targets: Tensor
    """(R,) the index of the right class of each answer."""
    places: Tensor | None = None
    """(R,) at which packed time step each is asked; None where one is asked of each text, in order."""


class Judged(NamedTuple):
    """The answers to a batch beside their targets."""

    objective: Tensor
    """(R,) the losses that are made smaller."""
    losses: Tensor
    """(R,) cross-entropy of the targets alone, in nats, without a gradient."""
    right: Tensor
    """(R,) whether the most probable class is the target."""


class Evaluated(Protocol):
    """The result of a network on texts."""

    @property
    def fields(self) -> Mapping[str, float]:
        """The numbers in a record of it: "loss", and those of the task by name."""

    def to_dict(self) -> dict[str, Any]:
        """Return what is kept of it as JSON."""


class Task(ABC):
    """The question that a network is asked."""

    at_every_step: ClassVar[bool]
    """True if the head answers at each time step; otherwise once a text, by the readout."""
    score: ClassVar[Measure]
    """Score that decides which of two evaluations is better; of equal ones the one with less loss is."""
    curves: ClassVar[tuple[Measure, ...]]
    """Measures that are drawn of a training, beside those that every task has."""
    further: ClassVar[tuple[FurtherScore, ...]] = ()
    """Scores of a result beside `score`."""
    compared_by: ClassVar[str] = "test_accuracy"
    """The column of a sweep's results by which cases are compared unless a question says another: a share."""
    reading: Reading = ByLength()
    """The way in which batches are made of its texts."""
    words: ClassVar[ScoreWords] = ScoreWords()
    specials: ClassVar[tuple[str, ...]] = SPECIAL_TOKENS
    """The tokens with which its vocabularies begin."""
    diagnoses: ClassVar[frozenset[str]] = frozenset(
        {"overflow", "diverged", "exploding", "dead", "stuck", "over-fitting"}
    )
    """Names in `rnn_core.training.diagnosis.RULES` that can be said of its runs."""
    gives_verdict: ClassVar[bool] = False
    """True if a network gives one verdict a text, as labelling and probing need."""
    can_be_read: ClassVar[bool] = False
    """True if `rnn_core.inspection.trace` has its answer at each time step, which the page Read shows."""
    page_answer: ClassVar[str] = ""
    """Module of `rnn_core/export/page/answers` that shows its answers on an exported page; "" for none."""
    is_code: ClassVar[bool] = False
    """True if an exported network answers it as code (`rnn_core/export/pytorch_parts/answers`)."""
    counted_by: ClassVar[str] = ""
    """The baselines that answer it by counting, a key of `rnn_core.baselines.ways.WAYS`; "" for none."""
    at_a_glance: ClassVar[AtAGlance | None] = None
    """The pictures of a sweep of two factors that is drawn as a table; None where it is drawn as a plot."""
    unpublished: ClassVar[frozenset[str]] = frozenset()
    """Scores of `Evaluated.to_dict` that don't stand beside a published network."""

    @property
    def variants(self) -> tuple[type["Task"], ...]:
        """The classes of tasks that `for_run` may return in place of this one."""
        return ()

    def for_run(self, config: RunConfig) -> "Task":
        """The task as a run of these settings asks it."""
        return self

    @abstractmethod
    def classes(self, config: RunConfig, vocab_size: int) -> int:
        """K, how many classes each answer is chosen from."""

    @abstractmethod
    def answers(self, config: RunConfig, vocabulary: Vocabulary) -> tuple[str, ...]:
        """The names of these K classes, in the order of the head."""

    def text_truth(self, config: RunConfig, tokens: Sequence[str]) -> Along | None:
        """The truth along a text, where each next token has a known probability; else None."""
        return None

    def encode(
        self, corpus: Corpus, indices: NDArray[np.int64], vocabulary: Vocabulary, config: TextConfig
    ) -> EncodedReviews:
        """The texts at `indices` as they are read, with what is asked of them."""
        return encode_reviews(corpus, indices, vocabulary, config)

    def steps(self, lengths: Tensor) -> Tensor:
        """(B,) how many of the time steps of each row of a batch are read."""
        return lengths

    def steps_of(self, tokens: NDArray[np.int64], config: RunConfig) -> NDArray[np.int64]:
        """(N,) the time steps that are read of texts of so many tokens, (N,)."""
        if not config.text.skip_padding:
            return np.full_like(tokens, config.text.max_length)
        return np.minimum(tokens, room_for_words(config.text)) + config.text.start_token

    def steps_beside(self, config: RunConfig) -> int:
        """Return the time steps that each evaluation reads beside those of the texts that it is given."""
        return 0

    @abstractmethod
    def asked(self, batch: Batch) -> Asked:
        """Return the targets of a batch, on the device where the batch is."""

    @abstractmethod
    def evaluate(
        self, network: Classifier, texts: EncodedReviews, keep_going: KeepGoing = lambda share: True
    ) -> Evaluated:
        """Score a network on texts, dropout off. Raises ScoringStoppedError as `reads` does."""

    @abstractmethod
    def read_scores(self, text: bytes | str, config: RunConfig) -> Mapping[str, Any]:
        """The scores that `Evaluated.to_dict` gave, from JSON; empty for an empty one. Raises FormatError."""

    def probabilities(self, network: Classifier, texts: EncodedReviews) -> NDArray[np.float64]:
        """(N,) a probability of each text, by which the answers of two networks are compared, dropout off.

        It is the least one that the network gives to any of the targets of the text.
        """
        worst = np.zeros(len(texts))  # cross-entropies
        for batch, read in self.reads(network, texts):
            asked = self.asked(batch)
            losses = self.judge(network.head, read, asked).losses.double().cpu().numpy()  # (R,)
            rows = torch.arange(len(batch.rows))
            if self.at_every_step:
                rows = packing(self.steps(batch.lengths.cpu())).rows
            if asked.places is not None:
                rows = rows[asked.places.cpu()]
            np.maximum.at(worst, batch.rows[rows.numpy()], losses)
        return np.exp(-worst)

    def right_by_guessing(self, config: RunConfig) -> float | None:
        """The share of texts that is right where what decides is guessed; None where that means nothing."""
        return None

    def needs_further(self, scores: Mapping[str, Any]) -> bool:
        """True if `score` alone says too little of a result; False for an empty one."""
        return False

    def further_scores(self, scores: Mapping[str, Any]) -> dict[str, float]:
        """The further scores of a result by the name of their field; none of an empty one."""
        return {one.measure.field: one.of(scores) for one in self.further if scores}

    def fields(self, judged: Judged) -> dict[str, float]:
        """Return what a record of an optimizer step holds beside the loss, given its judged batch."""
        return {"accuracy": judged.right.float().mean().item()}

    def result_in_words(self, config: RunConfig, scores: Mapping[str, Any]) -> str:
        """Say how a network did on the test texts, without a full stop; "" where it was not scored."""
        score = scores.get(self.score.field)
        if not isinstance(score, float):
            return ""
        texts = f"{scores['reviews']:,} test {config.corpus.nouns.texts}"
        return self.words.result.format(
            value=f"{score:{self.score.number}}", title=self.score.name, texts=texts
        )

    def further_in_words(self, scores: Mapping[str, Any]) -> str:
        """Sentences on the further scores of a result; "" where none is needed."""
        return ""

    def card_rows(self, config: RunConfig, scores: Mapping[str, Any]) -> dict[str, str]:
        """Return what a network's card says of its result beside the score and the loss, by name."""
        return {one.measure.title: f"{one.of(scores):{one.measure.in_full}}" for one in self.further}

    def truth(self, config: RunConfig) -> float | None:
        """The score on the validation texts of a network that knows the truth; None where nobody knows it."""
        return None

    def loss_in_words(self, loss: float, number: str = ".3f") -> str:
        """Writes a loss in nats as the charts of this task show it."""
        return f"{loss:{number}}"

    @property
    def draws_loss(self) -> bool:
        """True if the loss has a chart; elsewhere the score says the same."""
        return any(one.field == "loss" for one in self.curves)

    def guess(self, config: RunConfig) -> Guess:
        """Return what a network reaches without reading."""
        return self.untrained(config)

    def untrained(self, config: RunConfig) -> Guess:
        """Return what a new network reaches, which takes all classes for equally likely."""
        return Guess.among(self.classes(config, config.text.vocab_size))

    def class_weights(self, config: RunConfig, training: EncodedReviews) -> Tensor | None:
        """(K,) how much the loss of a target of each class counts; None where all count alike."""
        return None

    def network(
        self, config: RunConfig, vocab_size: int, make: Callable[[ModelConfig, int, int, bool], N]
    ) -> N:
        """A new network with the outputs that are asked for; `make` is a class of networks."""
        return make(config.model, vocab_size, self.classes(config, vocab_size), self.at_every_step)

    def parameters(self, config: RunConfig, vocab_size: int) -> int:
        """Count the numbers that training adjusts, without building the network."""
        return count_parameters(config.model, vocab_size, self.classes(config, vocab_size))

    def is_better(self, fields: Mapping[str, float], than: Mapping[str, float]) -> bool:
        """True if the fields of an evaluation are those of a better one."""
        sign = 1 if self.score.higher_is_better else -1
        new, old = ((sign * of[self.score.field], -of["loss"]) for of in (fields, than))
        return new > old

    def judge(
        self,
        head: nn.Linear,
        read: Tensor,
        asked: Asked,
        learned: Tensor | None = None,
        smoothing: float = 0.0,
    ) -> Judged:
        """The answers of a head to what it reads, (B or N, H).

        `learned` are targets in place of those that are asked, as `cross_entropies` takes them, and so is
        `smoothing`; both change the objective alone.
        """
        read = read if asked.places is None else read[asked.places]  # (R, H)
        is_plain = learned is None and not smoothing
        learned = asked.targets if learned is None else learned

        def judged(read: Tensor, targets: Tensor, learned: Tensor) -> Judged:
            logits = head(read)
            objective = cross_entropies(logits, learned, smoothing)
            with torch.no_grad():
                losses = objective.detach() if is_plain else cross_entropies(logits, targets)
                return Judged(objective, losses, most_probable(logits) == targets)

        some = max(1, _LOGITS_AT_ONCE // head.out_features)
        if len(read) <= some:
            return judged(read, asked.targets, learned)
        portions = zip(*(of.split(some) for of in (read, asked.targets, learned)), strict=True)
        parts = [checkpoint(judged, *portion, use_reentrant=False) for portion in portions]
        return Judged(*map(torch.cat, zip(*parts, strict=True)))

    def reads(
        self, network: Classifier, texts: EncodedReviews, keep_going: KeepGoing = lambda share: True
    ) -> Iterator[tuple[Batch, Tensor]]:
        """Let a network read texts, dropout off; yields each batch, and what the head reads of it.

        No gradient is kept while this is iterated; the network is left in the mode it was in. `keep_going` is
        asked before each batch, given the share of all tokens that were read so far; once it says no,
        ScoringStoppedError is raised.
        """
        read, all_tokens, was_training = 0, max(len(texts.ids), 1), network.training
        left: Left | None = None
        network.eval()
        try:
            with torch.inference_mode():
                for batch in self.reading.evaluation(texts, _TEXTS_AT_ONCE):
                    if not keep_going(min(read / all_tokens, 1.0)):  # windows overlap by a token
                        raise ScoringStoppedError
                    read += int(batch.lengths.sum())
                    batch = batch.to(network.device)
                    if batch.continues is None:
                        yield batch, network.head_inputs(batch.ids, self.steps(batch.lengths))
                        continue
                    packed, begin = packing(self.steps(batch.lengths)), network.begin(batch.continues, left)
                    xs = network.inputs(batch.ids, packed, last=begin.last)
                    found, left = network.read_on(xs, packed, begin, batch.ids)
                    yield batch, found
        finally:
            network.train(was_training)


def task_of(config: RunConfig) -> Task:
    """Return the task of a run of these settings."""
    return task_named(config.task).for_run(config)


def task_named(name: str) -> Task:
    """The task of this name. Raises UnknownNameError."""
    if TASKS[name].implementation is None:  # each task completes its declaration where it stands
        for found in pkgutil.iter_modules([str(Path(__file__).parent)], f"{__package__}."):
            importlib.import_module(found.name)
    return _made(TASKS[name].implementation)


def further_of_all() -> list[FurtherScore]:
    """The further scores of all tasks, however runs ask them."""
    tasks = list[Task | type[Task]]()
    for name in TASKS:
        tasks += [task_named(name), *task_named(name).variants]
    return [*dict.fromkeys(further for task in tasks for further in task.further)]


@cache
def _made(implementation: Callable[[], Task] | None) -> Task:
    assert implementation is not None
    return implementation()
