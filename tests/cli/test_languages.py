"""The commands with a network that says what comes next in strings of a made-up language."""

import json
import math
from collections import Counter

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.config.tasks import TASKS
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.inspection.trace import trace
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.paths import pretrained_folder
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import END, Vocabulary
from rnn_core.training.trainer import Trainer


@pytest.fixture
def make_speaker(tmp_path, monkeypatch):
    """A function that puts a network of a language, untrained if nothing is said, among the pretrained
    models, "speaker"."""
    monkeypatch.chdir(tmp_path)

    def make(language="anbn", trained=None, **settings):
        config = recommended_config(f"language-{language}").with_settings(
            hidden_size=5, embedding_size=3, threads=1, **settings, **(trained or {})
        )
        task = task_of(config)
        words = Vocabulary([*task.specials, *config.corpus.symbols])
        torch.manual_seed(0)
        network = task.network(config, len(words), Classifier)
        if trained:
            trainer = Trainer(config, load_corpus(config.data))
            for _ in trainer:
                pass
            network = trainer.classifier
        save_model(pretrained_folder() / "speaker", config, words, network.state_dict())
        return Model.load(pretrained_folder() / "speaker", None)

    return make


def call(*words, text=None):
    return CliRunner().invoke(main, words, input=text)


def truth_by_counting(strings, prefix):
    """The probability of each next symbol, by all training strings that begin like this."""
    begin = [(string[len(prefix)], p) for string, p in strings if string[: len(prefix)] == prefix]
    shares = Counter()
    for symbol, p in begin:
        shares[symbol] += p / sum(p for _, p in begin)
    return shares


def answers(model, string):
    """The probability of each next symbol by its name, before each symbol of a string and after all."""
    traced = trace(model, string)
    given = traced.probabilities_of_classes.astype(np.float64)
    return [dict(zip(traced.classes, of_step, strict=True)) for of_step in given]


def is_right(model, string):
    """Whether each most probable symbol is one that the rule allows, and the bracket that closes wins."""
    language = model.config.corpus.language
    for t, p in enumerate(answers(model, string)):
        moment = language.after(string[:t])
        other = language.rivals.get(moment.decided)
        if max(p, key=p.get) not in moment.allowed or (other is not None and p[moment.decided] <= p[other]):
            return False
    return True


@pytest.mark.parametrize("name", ["anbn-n3", "brackets-pairs3-depth2", "parity-bits3"])
def test_evaluate_scores_as_a_second_computation_by_all_strings_and_the_traces_of_the_test_strings(
    make_speaker, name
):
    model = make_speaker(name, trained={"reviews": 4_000, "epochs": 1, "learning_rate": 0.03})
    corpus, language = load_corpus(f"language-{name}"), model.config.corpus.language
    strings = [((*string, END), p) for string, p in language.strings()]
    tests = Counter(corpus.text(row) for row in corpus.indices("test").tolist())
    bits, above, right = [], [], 0
    for string, times in tests.items():
        tokens = (*string, END)
        for t, p in enumerate(answers(model, string)):
            truth = truth_by_counting(strings, tokens[:t])
            bits += [-math.log2(p[tokens[t]])] * times
            above += [sum(q * math.log2(q / p[symbol]) for symbol, q in truth.items())] * times
        right += times * is_right(model, string)
    scores = json.loads(call("evaluate", "speaker", "--json").stdout)
    assert scores["bits_per_token"] == pytest.approx(np.mean(bits), rel=1e-5)
    assert scores["bits_above_truth"] == pytest.approx(np.mean(above), rel=1e-4)
    assert scores["right_strings"] == pytest.approx(right / tests.total())
    longer = [is_right(model, string) for string in corpus.ref.longer(300)]
    assert scores["right_longer_strings"] == pytest.approx(np.mean(longer))


@pytest.mark.parametrize(
    ("option", "why"),
    [
        (("--class-weights", "balanced"), "Class weights must be 'off'"),
        (("--readout", "mean"), "Readout must be 'last'"),
        (("--truncation", "pre"), "Truncation side must be 'post'"),
        (("--label-smoothing", "0.1"), "Label smoothing must be 0.0"),
        (("--label-odds",), "Begin with label odds must be False"),
        (("--counted-bigrams", "50"), "Counted bigrams must be 0"),
        (("--teachers", "gru"), "Teachers must be ''"),
        (("--bidirectional",), "Both directions must be False"),
        (("--no-start-token",), "Start token must be True"),
        (("--no-skip-padding",), "Skip padding must be True"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_setting_that_means_nothing_for_a_language_is_refused_with_the_reason(option, why):
    refused = call("train", "--data", "language-anbn", *option)
    assert refused.exit_code == 2
    said = " ".join(refused.output.split())
    name = option[0].removeprefix("--no-").removeprefix("--").replace("-", "_")
    held = TASKS["next-symbol"].fixed[name]
    assert f"{why} for predicting the next symbol of a language, since {held.why}, got" in said


@pytest.mark.parametrize("command", [("train",), ("data", "prepare"), ("evaluate", "speaker")])
def test_a_length_beyond_the_bounds_of_an_option_is_refused_with_them(make_speaker, command):
    make_speaker()
    refused = call(*command, "--data", "language-anbn-n5000")
    assert refused.exit_code == 2
    assert "Longest n must be between 1 and 1,000, got 5,000." in " ".join(refused.output.split())
