"""A task outside of the catalogue: at every time step the class of the word, a third of all words each."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from rnn_core.config.tasks import AT_EVERY_STEP, TaskDeclaration
from rnn_core.files import from_json
from rnn_core.nn.packing import packing
from rnn_core.tasks.task import Asked, FurtherScore, Measure, Task

K = 3
WORDS_BEGIN = 3  # <pad>, <start> and <unk> are not asked
TOKEN_CLASSES = TaskDeclaration(
    label="the class of each word", implementation=lambda: TokenClasses(), fixed=AT_EVERY_STEP
)


@dataclass
class TokenScores:
    bits: float
    loss: float
    accuracy: float
    reviews: int

    @property
    def fields(self):
        return {"bits": self.bits, "loss": self.loss, "accuracy": self.accuracy}

    def to_dict(self):
        return asdict(self)


class TokenClasses(Task):
    at_every_step = True
    score = Measure("bits", "Bits per word", ".3f", ".4f", higher_is_better=False)
    curves = (score, Measure("accuracy", "Words right", ".1%", ".2%", higher_is_better=True))

    further = (
        FurtherScore(
            Measure("perplexity", "Perplexity", ".2f", ".3f", higher_is_better=False),
            lambda scores: 2 ** scores["bits"],
            "Perplexity",
            "Of a word.",
            "Among how many classes it guesses.",
        ),
    )

    def needs_further(self, scores):
        return bool(scores)

    def classes(self, config, vocab_size):
        return K

    def answers(self, config, vocabulary):
        return tuple(f"class {number}" for number in range(K))

    def asked(self, batch):
        ids = packing(batch.lengths).pack(batch.ids)  # (N,)
        places = (ids >= WORDS_BEGIN).nonzero().squeeze(1)
        return Asked(ids[places] % K, places)

    def fields(self, judged):
        bits = judged.losses.mean().item() / math.log(2)
        return {"bits": bits, "accuracy": judged.right.float().mean().item()}

    def evaluate(self, network, texts, keep_going=lambda share: True):
        losses, right, words = 0.0, 0, 0
        for batch, read in self.reads(network, texts, keep_going):
            judged = self.judge(network.head, read, self.asked(batch))
            losses += judged.losses.sum().item()
            right += int(judged.right.sum())
            words += len(judged.right)
        loss = losses / words
        return TokenScores(loss / math.log(2), loss, right / words, len(texts))

    def read_scores(self, text, config):
        return from_json(text, dict[str, Any])
