"""Tiny networks of every kind for the page: pairwise over all that changes what it has to compute."""

import itertools
from random import Random

import torch

from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.data.sources import recommended_config
from rnn_core.export.stored import STORAGES
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.symbols import CELLS
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import SPECIAL_TOKENS, Vocabulary

TEXT = "The film was good, but Élodie's part in the film was bad: not good at all!"
UNKNOWN = {"part", "t", "T"}
SYMBOLS = "([][])"
FACTORS = {
    "cell": [*CELLS],
    "asked": ["one logit", "two logits", "four classes", "next symbol"],
    "readout": ["last", "mean", "max", "attention"],
    "input": ["embedding", "one-hot"],
    "bigrams": [0, 40],
    "counted_bigrams": [0, 30],
    "bidirectional": [False, True],
    "layers": [1, 2, 3],
    "text": ["words", "padding before", "padding behind", "characters"],
    "storage": [*STORAGES],
}
FIXED = {"readout": "last", "counted_bigrams": 0, "bidirectional": False, "text": "characters"}
"""The settings of a network that says which symbol comes next."""
TEXTS = {
    "words": (WORDS, {}),
    "padding before": (
        TokenRules(lowercase=False, accents="strip"),
        {"skip_padding": False, "start_token": False},
    ),
    "padding behind": (WORDS, {"skip_padding": False, "padding": "post"}),
    "characters": (TokenRules(unit="characters"), {"truncation": "post"}),
}
SIZES = {
    "hidden_size": 9,
    "embedding_size": 6,
    "max_length": 20,
    "initialisation": "uniform",
    "forget_bias": 0.0,
}


def go_together(one, other):
    """Whether a network can have both of two factors' values."""
    for (name, value), (second, its) in ((one, other), (other, one)):
        if (name, value) == ("asked", "next symbol") and FIXED.get(second, its) != its:
            return False
        if (name, value) == ("input", "one-hot") and second in ("bigrams", "counted_bigrams") and its:
            return False
    return True


def cover(factors, seed=0):
    """Cases, each a value of every factor, in which all pairs of values come that go together.

    Greedy: a case begins with a pair that is missing, and takes factor after factor the value with which most
    missing pairs come in; the best of some such cases is taken.
    """
    draw = Random(seed)
    named = {name: [(name, value) for value in values] for name, values in factors.items()}
    missing = [
        frozenset(pair)
        for first, second in itertools.combinations(named.values(), 2)
        for pair in itertools.product(first, second)
        if go_together(*pair)
    ]
    cases = []
    while missing:
        sought = {*missing}
        tries = [_case(named, draw.choice(missing), sought, draw) for _ in range(12)]
        best = max((_pairs(case) for case in tries), key=lambda pairs: len(pairs & sought))
        missing = [pair for pair in missing if pair not in best]
        cases.append(dict(itertools.chain(*best)))
    return cases


def _case(named, begin, missing, draw):
    case = sorted(begin, key=str)
    rest = [values for name, values in named.items() if name not in dict(case)]
    for values in draw.sample(rest, len(rest)):
        fitting = [one for one in values if all(go_together(one, other) for other in case)]
        draw.shuffle(fitting)
        case.append(max(fitting, key=lambda one: sum(frozenset((one, other)) in missing for other in case)))
    return case


def _pairs(case):
    return {frozenset(pair) for pair in itertools.combinations(case, 2)}


def config_of(case):
    rules, of_text = TEXTS[case["text"]]
    asked = case["asked"]
    if asked == "next symbol":
        config, of_text = recommended_config("language-brackets"), {}
    else:
        classes = ("a", "b", "c", "d") if asked == "four classes" else ("a", "b")
        config = RunConfig(data="own", classes=classes, tokens=rules, corpus_mark="made")
    head = "two-logit" if asked == "two logits" else "one-logit"
    same = ("readout", "input", "bigrams", "counted_bigrams", "bidirectional", "layers")
    cell = CELLS[case["cell"]].run_settings
    return config.with_settings(**SIZES, **of_text, **cell, head=head, **{name: case[name] for name in same})


def make_network(case, seed=0, larger=2.0):
    """A network of a case, its weights drawn and made so many times larger."""
    torch.manual_seed(seed)
    config = config_of(case)
    task = task_of(config)
    tokens = config.corpus.symbols or sorted({*tokenize(TEXT, config.tokens)} - UNKNOWN)
    vocabulary = Vocabulary([*task.specials, *tokens])
    classifier = task.network(config, len(vocabulary), Classifier).eval()
    words = torch.arange(len(SPECIAL_TOKENS), len(vocabulary))
    pairs = torch.cartesian_prod(words, words)
    pairs = pairs[torch.randperm(len(pairs))]
    with torch.no_grad():
        for name, weights in classifier.named_parameters():
            if name.endswith((".W", ".U", ".b", "head.weight")):
                weights.mul_(larger)
        if config.model.bigrams:
            classifier.bigrams.know(pairs[: config.model.bigrams - 5])  # some places are left free
            classifier.bigrams.vectors.weight[1:].normal_()
        if config.model.counted_bigrams:
            known = pairs[-config.model.counted_bigrams :]
            classifier.counted.know(known)
            classifier.counted.odds[: len(known)].normal_()
    classifier.constrain()
    return Model(name="made", config=config, vocabulary=vocabulary, classifier=classifier)


def text_for(model):
    return SYMBOLS if model.config.corpus.symbols else TEXT
