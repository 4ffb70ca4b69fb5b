"""Figures worked out a second time, by the plainest way there is: what pages show is compared with these.

Nothing here goes through the code of the project but for the tokenizer and the texts of a corpus.
"""

import collections
import itertools
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from rnn_core.text.tokenizer import tokenize

PROJECT = Path(__file__).parents[2]
PRETRAINED = PROJECT / "artifacts" / "pretrained"
RESULTS = PROJECT / "artifacts" / "results"
USUAL = "reader"  # the network that pages open first


def kept(model, file):
    """A file of JSON of a committed model."""
    return json.loads((PRETRAINED / model / file).read_text(encoding="utf-8"))


def ids(model, text):
    """Return the ids that a network with `<start>` that skips padding and cuts the front reads of a text."""
    words = (PRETRAINED / model / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    number = {word: row for row, word in enumerate(words)}
    room = kept(model, "config.json")["text"]["max_length"] - 1
    return [1, *(number.get(token, 2) for token in tokenize(text)[-room:])]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def usual_probability(text):
    """The probability of a positive review, by the usual network.

    It is a GRU: words and pairs of words, reset before the product.

    The last state goes through one logit.
    """
    loaded = load_file(PRETRAINED / USUAL / "weights.safetensors")
    of = {name: w.astype(float) for name, w in loaded.items()}
    parts = (np.split(of[f"cell.{name}"], 3, axis=-1) for name in "WUb")
    (W_r, W_z, W_n), (U_r, U_z, U_n), (b_r, b_z, b_n) = parts
    words, known = of["embedding.weight"], enumerate(of["bigrams.known"], start=1)
    rows = {divmod(int(number), len(words)): row for row, number in known}
    h = np.zeros(len(U_r))
    for before, id in itertools.pairwise([0, *ids(USUAL, text)]):
        x = words[id] + of["bigrams.vectors.weight"][rows.get((before, id), 0)]
        r = sigmoid(x @ W_r + h @ U_r + b_r)
        z = sigmoid(x @ W_z + h @ U_z + b_z)
        n = np.tanh(x @ W_n + (r * h) @ U_n + b_n)
        h = (1 - z) * h + z * n
    return sigmoid((of["head.weight"] @ h + of["head.bias"]).item())


def results(question):
    lines = (RESULTS / f"{question}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


def mean_by_case(question, measure):
    """Values of the factors -> mean over the seeds."""
    by_case = collections.defaultdict(list)
    for run in results(question):
        by_case[tuple(run["case"].values())].append(run[measure])
    return {case: float(np.mean(values)) for case, values in by_case.items()}


def tokens(corpus, split):
    return [tokenize(corpus.text(index)) for index in corpus.indices(split).tolist()]


def words_known(texts, size):
    """Share of all running words that a vocabulary of this size, three special tokens included, knows."""
    counts = collections.Counter(itertools.chain.from_iterable(texts))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))[: size - 3]
    return sum(counts[word] for word in ranked) / counts.total()
