"""Formats that are made up, small models to export, and texts for them."""

import contextlib
from itertools import combinations, pairwise

import torch

from rnn_core.config.readouts import READOUTS
from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.export.format import Exported, ModelFormat
from rnn_core.export.written import MODEL_FORMATS
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.pairs import KnownPairs
from rnn_core.paths import pretrained_folder
from rnn_core.progress import Progress
from rnn_core.symbols import CELLS
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import SPECIAL_TOKENS, Vocabulary

WORDS = Vocabulary.from_counts({"the": 5, "film": 4, "was": 3, "good": 2, "bad": 1}, 10)
FOLDER_FILES = {"one.txt": b"1", "two.txt": b"22"}


def save_small(folder, base=None, change=lambda weights: None, words=WORDS, **settings):
    """Saves an untrained network of 5 units; `change` is what becomes of its weights. Returns its folder."""
    torch.manual_seed(3)
    config = (base or RunConfig(data="verdict")).with_settings(hidden_size=5, embedding_size=3, **settings)
    weights = Classifier(config.model, len(words), len(config.classes)).state_dict()
    change(weights)
    save_model(folder, config, words, weights)
    return folder


def accept(models):
    """The check of a format that refuses nothing."""


def name_them(models):
    """Makes the names of the models, a line each, in two steps."""
    yield Progress("Naming", 0, len(models))
    yield Progress("Naming", 1, len(models))
    names = "".join(f"{model.name}\n" for model in models)
    return Exported(files={"": names.encode()}, said=("Inside: the name.",))


def make_folder(models):
    """Makes two files of each model."""
    yield Progress("Naming", 0, 1)
    return Exported(files=FOLDER_FILES, said=("Inside: two numbers.",))


NAMES = ModelFormat(
    label="Names", suffix=".names", mime="text/plain", help="To read the names of networks.", most_models=2,
    check=accept, make=name_them,
)  # fmt: skip
FOLDER = ModelFormat(
    label="Numbers", suffix="", mime="text/plain", help="Two files.", check=accept, make=make_folder,
    size=lambda models: 30_000_000,
)  # fmt: skip


@contextlib.contextmanager
def registered(**formats):
    """These formats are offered beside the others."""
    for name, form in formats.items():
        MODEL_FORMATS.register(name, form)
    try:
        yield
    finally:
        for name in formats:
            MODEL_FORMATS.remove(name)


_SHIPPED = pretrained_folder()

TEXTS = (
    "What a film! I'd call it naïve, but not bad at all.",
    "NOT bad, is it?<br />Café “Ｗide” ½ and the rest of what’s said about the film is good. " * 3,
    "סרט טוב מאוד 这部电影很好看 👩‍👩‍👧 e\u0301\u0323 !",
    "a\u200db " + "long" * 1_001 + "'s end\x00\u2028.",
)
"""Words and signs of several scripts; the second one is longer than the window."""

HOSTILE = ('"""quoted"""', "back\\slash \\u12 \\N{", "{braces} {{two}} {% end %}", "</script>' ☃")
"""Names of classes that would end a string, a comment or a part of a template."""

FACTORS = {
    "variant": tuple(CELLS.registered()),
    "readout": tuple(READOUTS),
    "classes": (("no", "yes"), ("a", "b", "c"), HOSTILE),
    "layers": (1, 2, 3),
    "head": ("one-logit", "two-logit"),
    "input": ("embedding", "one-hot"),
    "bigrams": (0, 12),
    "counted_bigrams": (0, 15),
    "bidirectional": (False, True),
    "unit": ("words", "characters"),
    "lowercase": (False, True),
    "accents": ("keep", "strip"),
    "truncation": ("pre", "post"),
    "padding": ("pre", "post"),
    "start_token": (False, True),
    "skip_padding": (False, True),
    "max_length": (30, 1),
}


def in_pairs(factors=FACTORS):
    """Choices of which some has each two values of two factors that go together."""
    left = {
        (one, two): None
        for first, second in combinations(factors, 2)
        for one in ((first, value) for value in factors[first])
        for two in ((second, value) for value in factors[second])
        if _go_together(dict((one, two)))
    }
    while left:
        chosen = dict(next(iter(left)))
        for name in [name for name in factors if name not in chosen]:
            more = [{**chosen, name: value} for value in factors[name]]
            chosen = max(filter(_go_together, more), key=lambda one: len(_pairs(one, factors) & left.keys()))
        for pair in _pairs(chosen, factors):
            left.pop(pair, None)
        yield chosen


def _go_together(chosen):
    pairs = chosen.get("bigrams") or chosen.get("counted_bigrams")
    return not (pairs and chosen.get("input") == "one-hot")


def _pairs(chosen, factors):
    return set(combinations([(name, chosen[name]) for name in factors if name in chosen], 2))


def small_models():
    """Networks that have each two settings together, and of exact tokens."""
    exact = [{"unit": unit, "lowercase": False, "exact": True} for unit in FACTORS["unit"]]
    return [small_model(f"small {number}", **chosen) for number, chosen in enumerate([*in_pairs(), *exact])]


def small_model(name="small", **chosen):
    """A network of 6 units with random weights, which knows half of the tokens of `TEXTS`."""
    given = dict(chosen)
    rules = TokenRules(**{key: given.pop(key) for key in TokenRules.settings() if key in given})
    base = RunConfig(data="small", classes=given.pop("classes", ("no", "yes")), tokens=rules)
    cell = CELLS[given.pop("variant", "gru")].run_settings
    config = base.with_settings(**cell, hidden_size=6, embedding_size=5, **given)
    tokens = sorted({token for text in TEXTS for token in tokenize(text, rules) if len(token) < 100})[::2]
    return with_random_weights(name, config, Vocabulary([*SPECIAL_TOKENS, *tokens]))


def with_random_weights(name, config, vocabulary):
    """An untrained model whose every weight is something; it knows pairs that come in `TEXTS`, and others."""
    V, task = len(vocabulary), task_of(config)
    torch.manual_seed(5)
    classifier = task.network(config, V, Classifier)
    for key, weights in classifier.state_dict().items():
        if weights.is_floating_point():
            weights.uniform_(-1, 1)
        if key == "bigrams.vectors.weight":
            weights[0] = 0  # of all other pairs
    ids = [vocabulary.encode(tokenize(text, config.tokens)) for text in TEXTS]
    here = sorted({pair for text in ids for pair in pairwise(text) if min(pair) >= len(SPECIAL_TOKENS)})
    for module in classifier.modules():
        if isinstance(module, KnownPairs):
            some = torch.tensor([*here, *torch.randint(3, V, (len(module.known), 2)).tolist()])
            module.know(torch.unique(some[: len(module.known) - 2], dim=0))  # some places are left free
    return Model(name=name, config=config, vocabulary=vocabulary, classifier=classifier.eval())


def halved(model):
    """The model, its weights rounded to what half precision holds, so that each format keeps every bit."""
    for weights in model.classifier.state_dict().values():
        if weights.is_floating_point():
            weights.copy_(weights.half())
    return model


def pretrained(name):
    """A pretrained network of whichever task."""
    return Model.load(_SHIPPED / name, task=None)
