"""Untrained networks that say what comes next, and what they say, by reading all of a text again."""

from dataclasses import replace

import numpy as np
import torch

from rnn_core.config.identity import Identity
from rnn_core.config.tokens import EXACT_CHARACTERS
from rnn_core.data.corpus import Text, build_corpus, open_corpus
from rnn_core.data.sources import bare_config
from rnn_core.inspection.next_tokens import log2_of
from rnn_core.inspection.trace import trace_tokens
from rnn_core.symbols import CELLS
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import END
from tests.untrained import untrained

SYMBOLS = ("the", "film", "is", "good", "bad")


def make_model(*, symbols=SYMBOLS, seed=0, cell="gru", sharp=3.0, rules=None, **settings):
    """A network of words with 5 units: `sharp` times as sure as a new one, it seldom ends a text."""
    config = bare_config("verdict", start_token=True).with_settings(
        task="next-token", truncation="post", hidden_size=5, embedding_size=3, initialisation="uniform",
        vocab_size=9, max_length=500, **{**CELLS[cell].run_settings, **settings},
    )  # fmt: skip
    if rules is not None:
        config = replace(config, data="own", classes=("one", "other"), tokens=rules)
    model = untrained(config, symbols, seed)
    network, words = model.classifier, torch.arange(3, len(model.vocabulary))
    if config.model.bigrams:
        network.bigrams.know(torch.cartesian_prod(words, words)[: config.model.bigrams])
        torch.nn.init.normal_(network.bigrams.vectors.weight[1:])
    network.head.weight.data *= sharp
    if network.classes > 2:
        network.head.bias.data[task_of(config).answers(config, model.vocabulary).index(END)] -= 4.0
    return model


def real_texts(folder):
    """40 texts by characters that say their label in a capital letter, 20 to validate on; "own" is read."""
    rows = []
    for n in range(40):
        text = f'{"AB"[n % 3 % 2]}{n % 7}! "go{n % 3}" (n) and so on\n'
        rows.append(Text(text, n % 3 % 2, ["training", "test", "validation", "validation"][n % 4]))
    identity = Identity(("one", "other"), EXACT_CHARACTERS)
    list(build_corpus("own", rows, folder, len(rows), identity))
    return open_corpus(folder)


def log2_after(model, tokens):
    """(K,) log2 of what comes after these tokens, of which there is at least one; read from the start."""
    return log2_of(trace_tokens(model, tokens).answers)[-1]


def close(got, expected, atol=1e-5):
    """Compares numbers, nan with nan."""
    np.testing.assert_allclose(got, expected, rtol=0, atol=atol)
