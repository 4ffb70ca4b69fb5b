"""Predicting the next token: at each time step, which of all tokens comes next, or that the text ends.

Each text is read from `<start>` on, and its end, `<end>`, is predicted like a token. `<pad>`, `<start>` and
`<unk>` are never predicted: K counts the tokens that can come next. Of exact tokens `<unk>` is one of them,
since nothing of the text is left out of its bits.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import override

from rnn_core.config.corpora import CorpusRef
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import NEXT_TOKEN, TASKS
from rnn_core.config.text_settings import TextConfig
from rnn_core.data import encoding
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_to_predict, learn_vocabulary, uses_of_words
from rnn_core.data.reading import Batch, Carried, Mixed, Reading, Separate
from rnn_core.files import from_json
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.shapes import Amount, Share
from rnn_core.tasks.task import Asked, FurtherScore, Guess, Judged, KeepGoing, Measure, Task, corpus_fact
from rnn_core.text.vocabulary import END, END_ID, SPECIAL_TOKENS, UNK_ID, Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTokenScores:
    """Scores of predicting the next token; on disk a number that isn't finite is None."""

    bits_per_token: Amount | None
    """Mean of -log2 of the probability that the next token was given."""
    accuracy: Share
    """The share of steps at which the most probable token came next."""
    loss: Amount | None
    """Mean cross-entropy in nats."""
    reviews: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    """Texts that were read."""

    @property
    def fields(self) -> dict[str, float]:
        """The numbers in a record of the evaluation."""
        return {name: value for name, value in asdict(self).items() if name not in ("reviews", "unknown")}

    def to_dict(self) -> dict[str, Any]:
        """Return what is kept of it as JSON."""
        return asdict(self)


class NextToken(Task):
    """The next token at each time step; the head reads the state of the top layer there.

    The loss of a batch is the mean over its time steps. In batches of about equal lengths a step of a short
    text would weigh more than one of a long text, and a network would learn that texts end too early.
    """

    at_every_step = True
    reading: Reading = Mixed()
    score = Measure(
        "bits_per_token",
        "Bits per symbol",
        ".3f",
        ".4f",
        False,
        "mean of -log2 of the probability of the next symbol",
    )
    compared_by = "test_bits_per_token"
    token: ClassVar = "token"
    """Name of what is predicted."""
    curves: ClassVar[tuple[Measure, ...]] = (
        score,
        Measure("accuracy", "Most probable token right", ".1%", ".2%", higher_is_better=True),
    )
    result: ClassVar[type[NextTokenScores]] = NextTokenScores
    """The scores of an evaluation."""
    first_asked: ClassVar[int] = END_ID
    """The id of the first of the K tokens that can come next; all with larger ids can."""
    specials = (*SPECIAL_TOKENS, END)
    can_be_read = is_code = True
    page_answer = "next"

    @property
    @override
    def variants(self) -> tuple[type[Task], ...]:
        return (NextCharacter, NextWord)

    @override
    def for_run(self, config: RunConfig) -> Task:
        exact = {"characters": NextCharacter, "words": NextWord}
        task = exact[config.tokens.unit]() if config.tokens.exact else NextToken()
        task.reading = _READINGS[config.text.windows](config.text.max_length)
        return task

    @override
    def classes(self, config: RunConfig, vocab_size: int) -> int:
        return vocab_size - self.first_asked

    @override
    def answers(self, config: RunConfig, vocabulary: Vocabulary) -> tuple[str, ...]:
        return tuple(vocabulary.words[self.first_asked :])

    @override
    def encode(
        self, corpus: Corpus, indices: NDArray[np.int64], vocabulary: Vocabulary, config: TextConfig
    ) -> EncodedReviews:
        return encode_to_predict(corpus, indices, vocabulary, config)

    @override
    def steps(self, lengths: Tensor) -> Tensor:
        return lengths - 1

    @override
    def steps_of(self, tokens: NDArray[np.int64], config: RunConfig) -> NDArray[np.int64]:
        return encoding.steps_to_predict(tokens, config.text, ends=config.texts_end)

    @override
    def asked(self, batch: Batch) -> Asked:
        following = packing(self.steps(batch.lengths)).pack(batch.ids[:, 1:])  # (N,)
        if following.min() >= self.first_asked:
            return Asked(following - self.first_asked)
        places = (following >= self.first_asked).nonzero().squeeze(1)
        return Asked(following[places] - self.first_asked, places)

    @override
    def untrained(self, config: RunConfig) -> Guess:
        symbols = config.corpus.symbols
        K = len(symbols) + 1 if symbols else self.classes(config, config.text.vocab_size)
        return Guess(math.log(K), 1 / K, f"guessing among {K:,} {self.token}s")

    @override
    def guess(self, config: RunConfig) -> Guess:
        """Return what answering with the shares of the tokens reaches; `untrained` where they are unknown."""
        shares = _shares(config.corpus, config.text.vocab_size)
        if shares is None:
            return self.untrained(config)
        entropy = float(-(shares * np.log(shares)).sum())
        return Guess(entropy, float(shares.max()), f"always answering with the shares of the {self.token}s")

    @override
    def loss_in_words(self, loss: float, number: str = ".3f") -> str:
        return f"{loss / math.log(2):{number}} bits"

    @override
    def fields(self, judged: Judged) -> dict[str, float]:
        bits = judged.losses.mean().item() / math.log(2)
        return {"bits_per_token": bits, **super().fields(judged)}

    @override
    def evaluate(
        self, network: Classifier, texts: EncodedReviews, keep_going: KeepGoing = lambda share: True
    ) -> NextTokenScores:
        loss, right, asked, unknown = 0.0, 0, 0, 0
        for batch, read in self.reads(network, texts, keep_going):
            answered = self.asked(batch)
            judged = self.judge(network.head, read, answered)
            loss += judged.losses.sum().item()
            right += int(judged.right.sum())
            asked += len(judged.right)
            unknown += int((answered.targets == UNK_ID - self.first_asked).sum())
        loss /= asked
        return self.scores(loss, right / asked, unknown / asked, len(texts))

    def scores(self, loss: float, accuracy: float, unknown: float, texts: int) -> NextTokenScores:
        """The scores of a mean loss in nats, and of shares of the answers: right ones, and `<unk>`."""
        bits = loss / math.log(2)
        return NextTokenScores(bits_per_token=bits, accuracy=accuracy, loss=loss, reviews=texts)

    @override
    def read_scores(self, text: bytes | str, config: RunConfig) -> Mapping[str, Any]:
        return asdict(from_json(text, self.result)) if from_json(text, dict[str, Any]) else {}


_READINGS: Mapping[str, Callable[[int], Reading]] = {
    "first": lambda length: Mixed(),
    "all": Separate,
    "carried": Carried,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactScores(NextTokenScores):
    """Scores of predicting the next token where nothing of a text is left out."""

    unknown: Share
    """Share of the tokens that the vocabulary lacks, which count in the bits as `<unk>`."""


class NextCharacter(NextToken):
    """The next character of texts of which nothing is left out."""

    token = "character"
    result = ExactScores
    first_asked = UNK_ID
    counted_by = "n-grams"
    further: ClassVar[tuple[FurtherScore, ...]] = (
        FurtherScore(
            Measure("unknown", "Unknown", ".2%", ".3%", higher_is_better=False),
            lambda scores: float(scores["unknown"]),
            "Unknown",
            "Share of the test tokens that the vocabulary lacks.",
            "Share of the test tokens that the vocabulary lacks. They count in the bits, as <unk>.",
        ),
    )

    @override
    def scores(self, loss: float, accuracy: float, unknown: float, texts: int) -> ExactScores:
        bits = loss / math.log(2)
        return ExactScores(bits_per_token=bits, accuracy=accuracy, loss=loss, reviews=texts, unknown=unknown)

    @override
    def needs_further(self, scores: Mapping[str, Any]) -> bool:
        return bool(scores)

    @override
    def further_in_words(self, scores: Mapping[str, Any]) -> str:
        said = " and ".join(
            f"{one.of(scores):{one.measure.number}} {one.measure.name}" for one in self.further
        )
        return f"That is {said}."


class NextWord(NextCharacter):
    """The next word, blank or sign of texts of which nothing is left out."""

    token = "token"
    further = (
        FurtherScore(
            Measure("perplexity", "Perplexity", ",.1f", ",.2f", higher_is_better=False),
            lambda scores: math.nan if scores["bits_per_token"] is None else 2.0 ** scores["bits_per_token"],
            "Perplexity",
            "Perplexity on the test texts.",
            "2 to the power of the bits per symbol: among so many tokens, all equally likely, one would "
            "guess as well.",
        ),
        *NextCharacter.further,
    )


@corpus_fact
def _shares(ref: CorpusRef, vocab_size: int) -> NDArray[np.float64]:
    """Return the share of each token, and of the end, among what comes next in the training texts."""
    corpus = ref.load()
    rows = corpus.indices("training")
    words = learn_vocabulary(corpus, rows, vocab_size, NextToken.specials)
    uses = uses_of_words(corpus, rows)
    is_known = np.array([word in words for word in corpus.words])
    ends = len(rows) * corpus.texts_end
    counts = np.append(uses[is_known], [ends, uses[~is_known].sum() * corpus.tokens.exact])
    return counts[counts > 0] / counts.sum()


TASKS.complete(NEXT_TOKEN, implementation=NextToken)
