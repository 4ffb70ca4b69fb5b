"""A network as code on torch says what Gatescope says, without Gatescope."""

import ast
import json
import pathlib
import random
import subprocess
import sys

import numpy as np
import pytest

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.config.text_settings import TextConfig
from rnn_core.export.written import MODEL_FORMATS
from rnn_core.inspection.trace import trace
from rnn_core.progress import finish
from rnn_core.symbols import CELLS
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import Vocabulary
from tests.export import pytorch_answers
from tests.export.made import (
    HOSTILE,
    TEXTS,
    halved,
    pretrained,
    small_model,
    small_models,
    with_random_weights,
)

pytestmark = pytest.mark.slow

REVIEWS = ("What a waste of time.", "Not bad at all, and the ending made me laugh! " * 60)
RUFF = pathlib.Path(sys.executable).with_name("ruff")
HOSTILE_NAME = '"""\\ \\u1 {{ name }} {% end %}\n\u2028\u202e</script>\' ☃' + "long" * 40


def export(model, folder):
    """Writes the folder of a model and returns it."""
    exported = finish(MODEL_FORMATS["pytorch"].export([model]))
    folder.mkdir(parents=True)
    for name, content in exported.files.items():
        (folder / name).write_bytes(content)
    return folder


def says(model, text):
    """Return what a model says of a text, or what it predicts after it, as {class: probability}."""
    read = trace(model, text)
    return dict(zip(read.classes, read.probabilities_of_classes[-1].tolist(), strict=True))


def next_token():
    """A model that predicts the next of five tokens."""
    config = RunConfig(
        data="texts",
        task="next-token",
        text=TextConfig(truncation="post", max_length=4),
        model=ModelConfig(hidden_size=6, embedding_size=5, bigrams=9),
    )
    words = Vocabulary(["<pad>", "<start>", "<unk>", "<end>", "not", "bad", "at", "all"])
    return with_random_weights("tokens", config, words)


@pytest.fixture(scope="module")
def small():
    return small_models()


@pytest.fixture(scope="module")
def folders(small, tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    return [export(model, folder / str(number)) for number, model in enumerate(small)]


@pytest.fixture(scope="module")
def asked(small):
    """Models, and what they are asked."""
    return [
        *((model, TEXTS) for model in (*small, halved(small_model("halves")))),
        *((pretrained(name), REVIEWS) for name in ("reader", "best")),
        (pretrained("tiny-brackets"), ["(([", "()"]),
        (next_token(), ["bad", "not bad at all, no"]),
    ]


@pytest.fixture(scope="module")
def answers(asked, folders, tmp_path_factory):
    """Run the exported networks in one process without Gatescope; return what they say and print."""
    others = tmp_path_factory.mktemp("others")
    more = [export(model, others / model.name) for model, _ in asked[len(folders) :]]
    texts = [texts for _, texts in asked]
    pairs = [(str(folder), of_each) for folder, of_each in zip((*folders, *more), texts, strict=True)]
    command = [sys.executable, "-I", pytorch_answers.__file__]
    done = subprocess.run(command, input=json.dumps(pairs), capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def test_networks_say_what_gatescope_says(asked, answers):
    """The command line prints the most probable class, of what comes next the ten most probable."""
    for (model, texts), (said, printed) in zip(asked, answers, strict=True):
        expected = [says(model, text) for text in texts]
        for text, by_model, by_code in zip(texts, expected, said, strict=True):
            case = f"{model} {model.config} {text[:40]}"
            assert list(by_code) == list(by_model), case
            np.testing.assert_allclose([*by_code.values()], [*by_model.values()], 0, 1e-5, err_msg=case)
        first, *others = (list(by_text.values()) for by_text in expected)
        assert model.config.text.max_length == 1 or any(np.ptp([first, other]) > 1e-3 for other in others)
        ranked = sorted(said[0].items(), key=lambda item: item[1], reverse=True)
        shown = ranked[: 10 if task_of(model.config).at_every_step else 1]
        assert printed.splitlines() == [f"{name}  {probability:.4f}" for name, probability in shown]


def test_a_text_without_a_token_is_refused(folders):
    with pytest.raises(ValueError, match=r"nothing in this text that the network reads\."):
        pytorch_answers.code_of(folders[0]).Network().probabilities(" ")


def test_the_code_is_short_formatted_and_lint_clean(folders):
    for folder in folders:
        code = (folder / "model.py").read_text(encoding="utf-8")
        assert len(code.splitlines()) <= 170
        assert "pickle" not in code
        assert "endif" not in code
    rules = "--select=E,F,W,I,UP,B,C4,SIM,RET,PTH,N", "--ignore=N806,N803"
    style = "--isolated", "--line-length=100", "--target-version=py311", "--no-cache"
    for command in (("format", "--check"), ("check", *rules)):
        done = subprocess.run([RUFF, *command, *style, folders[0].parent], capture_output=True, text=True)
        assert not done.returncode, done.stdout


def test_tokens_are_those_of_gatescope(small, folders):
    draw = random.Random(3)
    signs = "aÉßİﬁ'’‛.!?½१ا́\u0323\u200d\u200c\u0301נ한글각👩🏽\u00a0\u2028\x1c\x85\t\n <br/>\ue000\u0600ｶﾞ"
    texts = [*TEXTS, *("".join(draw.choice(signs) for _ in range(40)) for _ in range(40))]
    texts += ["".join(chr(draw.randrange(32, 0xD800)) for _ in range(60)) for _ in range(40)]
    by_rules = {model.config.tokens: folder for model, folder in zip(small, folders, strict=True)}
    assert len(by_rules) == 10
    for rules, folder in by_rules.items():
        tokens = pytorch_answers.code_of(folder).tokenize
        assert [*map(tokens, texts)] == [tokenize(text, rules) for text in texts]


def test_weights_are_kept_in_half_where_that_holds():
    models = small_model(), halved(small_model())
    whole, halves = (finish(MODEL_FORMATS["pytorch"].export([model])) for model in models)
    assert len(halves.files["weights.safetensors"]) < 0.7 * len(whole.files["weights.safetensors"])
    assert "weights, float32," in whole.said[1]
    assert "weights, float16," in halves.said[1]


def test_names_of_any_letters_stand_in_the_docstring():
    model = small_model(HOSTILE_NAME, classes=HOSTILE)
    code = finish(MODEL_FORMATS["pytorch"].export([model])).files["model.py"].decode()
    assert code.isascii() or all(sign.isprintable() for sign in code.replace("\n", ""))
    said = " ".join(ast.get_docstring(ast.parse(code), clean=False).split())
    assert " ".join(HOSTILE_NAME.split()) in said
    assert ", ".join(HOSTILE) in said


def test_a_cell_that_torch_has_is_torchs_own_module(small, folders):
    in_torch = [name for name, declared in CELLS.registered().items() if declared.is_in_torch]
    assert in_torch == ["elman", "gru-after", "lstm"]
    for model, folder in zip(small, folders, strict=True):
        declared, code = model.config.model.declared, (folder / "model.py").read_text(encoding="utf-8")
        assert (f"self.cell = {declared.torch_module or '-'}(" in code) == declared.is_in_torch
