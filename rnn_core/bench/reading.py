"""A full trace of one review, against torch's GRU giving only its hidden states."""

from collections.abc import Iterator

import torch

from rnn_core.bench.reference import torch_module
from rnn_core.bench.row import Row
from rnn_core.bench.timing import alternate
from rnn_core.config.run import RunConfig
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.text.vocabulary import SPECIAL_TOKENS, Vocabulary

_TOKENS = 400


def reading(rounds: int) -> Iterator[Row]:
    """Every gate, every state and the verdict after every token, from the text on."""
    words = [f"word{number}" for number in range(_TOKENS)]
    vocabulary = Vocabulary([*SPECIAL_TOKENS, *words])
    config = RunConfig().with_settings(
        cell="gru", reset="after", max_length=_TOKENS, start_token=False, vocab_size=len(vocabulary)
    )
    classifier = Classifier(config.model, len(vocabulary)).eval()
    model = Model(config=config, vocabulary=vocabulary, classifier=classifier)
    text = " ".join(words)
    module = torch_module(classifier.cell)
    ids = torch.tensor([vocabulary.encode(words)])  # (1, T)

    def hidden_states() -> None:
        with torch.inference_mode():
            module(classifier.embed(ids.T))

    *_, medians = alternate({"ours": lambda: trace(model, text), "torch": hidden_states}, rounds)
    yield Row(
        case="read-400", against=f"nn.GRU giving only its hidden states of {_TOKENS} tokens",
        ours_ms=medians["ours"], reference_ms=medians["torch"], at_least=0.3, goal=1.0,
    )  # fmt: skip
