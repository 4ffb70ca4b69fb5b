"""The task of predicting each next symbol of a made-up language, beside its truth."""

import json
import math

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core.config.run import RunConfig
from rnn_core.data.batches import mixed_batches
from rnn_core.data.sources import bare_config, load_corpus, recommended_config
from rnn_core.errors import ConfigError, DataError
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.curves import drawn_measures, learning_curve
from rnn_core.languages.language import END
from rnn_core.nn import kernels
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.task import task_named
from rnn_core.training import device
from rnn_core.training import estimate as timing
from rnn_core.training.diagnosis import diagnose
from rnn_core.training.estimate import estimate
from rnn_core.training.history import history, numbers
from rnn_core.training.trainer import Trainer

TASK = task_named("next-symbol")
SMALL = {"reviews": 200, "epochs": 1, "batch_size": 50, "threads": 1, "hidden_size": 6, "embedding_size": 4}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("languages")


@pytest.fixture(autouse=True)
def prepared(cache, monkeypatch):
    monkeypatch.setenv("GATESCOPE_CACHE", str(cache))


def trainer_of(name, **settings):
    config = recommended_config(name).with_settings(**{**SMALL, **settings})
    return Trainer(config, load_corpus(name))


class Oracle(nn.Module):
    """A network whose logits are the truth's, less what `spoil` does to the probabilities of each step."""

    def __init__(self, language, spoil=lambda p: p):
        super().__init__()
        self.language, self.spoil = language, spoil
        self.head = nn.Identity()

    def head_inputs(self, ids, lengths):
        rows = []
        for row, length in zip(ids.tolist(), lengths.tolist(), strict=True):
            prefix, of_row = [], []
            for number in row[1 : length + 1]:
                moment = self.language.after(prefix)
                given = dict.fromkeys((END, *self.language.symbols), 0.0) | dict(moment.truth or {})
                if moment.truth is None:
                    given |= dict.fromkeys(moment.allowed, 1 / len(moment.allowed))
                p = self.spoil(np.array(list(given.values())))
                of_row.append(np.log(p + 1e-300))
                if number > 3:
                    prefix.append(self.language.symbols[number - 4])
            rows.append(of_row)
        steps = [row[t] for t in range(int(lengths[0])) for row in rows if t < len(row)]
        return torch.tensor(np.array(steps))


@pytest.mark.parametrize("name", ["anbn-n6", "parity", "brackets-pairs4", "reber"])
def test_a_network_that_knows_the_truth_has_no_bits_above_it_and_every_string_right(name):
    trainer = trainer_of(f"language-{name}")
    texts = trainer.validation
    scores = TASK.evaluate(Oracle(texts.language), texts, torch.device("cpu"))
    assert scores.bits_above_truth == pytest.approx(0, abs=1e-9)
    assert (scores.right_strings, scores.right_longer_strings) == (1, 1)
    assert scores.bits_per_token < math.log2(len(texts.language.predicted))


def test_bits_above_the_truth_are_the_mean_kl_and_no_string_is_right_that_has_one_step_wrong():
    trainer = trainer_of("language-anbn-n6")
    texts, K = trainer.validation, 3
    uniform = TASK.evaluate(Oracle(texts.language, lambda p: np.full(K, 1 / K)), texts, torch.device("cpu"))
    kl = []
    for a, b in zip(texts.offsets, texts.offsets[1:], strict=False):
        n = (b - a - 2) // 2
        # before the string and after the last of n a: nothing is open; after fewer, a with (6 - t) / (7 - t)
        for t in range(2 * n + 1):
            stays = (6 - t) / (7 - t) if 1 <= t <= n and t < 6 else None
            entropy = 0 if stays is None else -(stays * math.log2(stays) + (1 - stays) * math.log2(1 - stays))
            kl.append(math.log2(K) - entropy)
    assert uniform.bits_above_truth == pytest.approx(np.mean(kl))
    assert uniform.bits_per_token == pytest.approx(math.log2(K))
    never_ends = TASK.evaluate(
        Oracle(texts.language, lambda p: np.array([0.0, 0.5, 0.4])), texts, torch.device("cpu")
    )
    assert never_ends.right_strings == 0


def test_a_string_that_the_window_cuts_is_not_right():
    corpus, config = load_corpus("language-anbn"), recommended_config("language-anbn")
    config = config.with_settings(max_length=12)
    vocabulary = Trainer(config.with_settings(**SMALL), corpus).vocabulary
    rows = corpus.indices("test")[:100]
    texts = TASK.encode(corpus, rows, vocabulary, config.text)
    scores = TASK.evaluate(Oracle(config.corpus.language), texts, torch.device("cpu"))
    whole = np.mean([len(corpus.text(row)) <= 11 for row in rows.tolist()])  # and the end
    assert 0 < whole < 1
    assert (scores.right_strings, scores.right_longer_strings) == (pytest.approx(whole), 0.0)


def test_training_lowers_the_bits_and_its_records_hold_what_is_right():
    trainer = trainer_of("language-parity", reviews=2_000, epochs=2, learning_rate=0.02)
    records = [record for record in trainer if record.kind == "validation"]
    assert records[-1].score < records[0].fields["bits_per_token"] + 0.01
    assert records[-1].fields.keys() == {
        "loss", "accuracy", "bits_per_token", "bits_above_truth", "right_strings", "right_longer_strings",
    }  # fmt: skip
    assert trainer.kept_score == min(record.score for record in records)
    scores = trainer.score_test()
    assert TASK.read_scores(json.dumps(scores.to_dict()), trainer.config) == scores.to_dict()


def test_a_step_of_a_short_string_weighs_as_much_as_one_of_a_long_string():
    trainer = trainer_of("language-anbn-n9", reviews=6_000)
    texts, weights = trainer.training, {}
    assert TASK.mixes_lengths
    for batch in mixed_batches(texts, 50, np.random.default_rng(0)):
        for length in batch.lengths.tolist():
            weights.setdefault(length, []).append(1 / int(TASK.steps(batch.lengths).sum()))
    means = np.array([np.mean(of_length) for of_length in weights.values()])
    assert len(means) == 9
    assert means.max() < 1.1 * means.min()  # in batches of equal lengths: nine times


def test_what_is_measured_in_evaluations_alone_is_drawn_and_listed_without_training():
    trainer = trainer_of("language-anbn-n6")
    run = history("made", list(trainer), "next-symbol")
    shown = numbers(run)
    assert "validation right longer strings" in shown
    assert "training right longer strings" not in shown
    assert "training bits per token" in shown
    for measure in drawn_measures("next-symbol"):
        figure = learning_curve(
            [run], measure, LIGHT, lines={"the truth": 0.5}, guessing=TASK.guess(trainer.config)
        )
        assert "cross-entropy" not in str(figure.layout.annotations)


def test_what_a_run_costs_is_known_to_the_last_weight():
    trainer = trainer_of("language-anbn-n6")
    found = estimate(trainer.config, load_corpus("language-anbn-n6")).parameters
    assert found == sum(weights.numel() for weights in trainer.classifier.parameters())


@pytest.mark.parametrize("max_length", [9, 100])
def test_the_estimate_counts_the_time_steps_that_evaluations_read_longer_strings_included(
    monkeypatch, max_length
):
    trainer = trainer_of("language-anbn-n6", epochs=2, evaluations_per_epoch=2, max_length=max_length)
    a_second_for_each, rows = timing._Seconds(whole=0.0, forward=1.0 * timing._LONG * 50), 50
    assert trainer.config.training.batch_size == rows
    measured = (timing._Seconds(whole=0.0, forward=0.0), a_second_for_each, 0.0)
    monkeypatch.setattr(timing, "_measure", lambda *_: measured)
    monkeypatch.setattr(timing, "share_of_a_core", lambda: 1.0)
    read, head_inputs = [], Classifier.head_inputs

    def counting(network, ids, lengths, *folds):
        read.extend([] if network.training else [int(lengths.sum())])
        return head_inputs(network, ids, lengths, *folds)

    monkeypatch.setattr(Classifier, "head_inputs", counting)
    for _ in trainer:
        pass
    trainer.score_test()
    found = estimate(trainer.config, load_corpus("language-anbn-n6")).seconds
    assert found == pytest.approx(sum(read))


def test_the_longer_strings_are_drawn_and_encoded_once_for_all_splits(monkeypatch):
    trainer = trainer_of("language-anbn-n6")
    splits = (trainer.training, trainer.validation, trainer.test)
    assert len({id(texts.longer) for texts in splits}) == 1
    windows = np.split(trainer.test.longer.ids, trainer.test.longer.offsets[1:-1])
    symbols = trainer.vocabulary.words
    read = ["".join(symbols[number] for number in ids[1:-1]) for ids in windows]
    assert read == list(trainer.config.corpus.longer(300))
    assert trainer_of("language-anbn-n6", max_length=9).test.longer.lengths().max() == 10


def test_a_network_trains_in_bfloat16(monkeypatch):
    monkeypatch.setattr(device, "has_instructions", lambda: True)
    monkeypatch.setattr(kernels, "_WORTH_IT", 0)
    fields = {}
    for precision in ("float32", "bfloat16"):
        trainer = trainer_of("language-parity", precision=precision)
        fields[precision] = [record.fields for record in trainer][-1]
    assert fields["bfloat16"] != fields["float32"]
    assert fields["bfloat16"]["bits_per_token"] == pytest.approx(
        fields["float32"]["bits_per_token"], rel=0.05
    )


def test_a_network_that_stays_at_the_shares_of_the_symbols_is_called_stuck_there_and_at_log_v_it_begins():
    config = trainer_of("language-parity").config
    symbols, uses = np.unique([*"".join(
        text.text for text in config.corpus.strings() if text.split == "training"
    )], return_counts=True)  # fmt: skip
    assert symbols.tolist() == ["0", "1", "="]
    shares = np.append(uses, 20_000) / (uses.sum() + 20_000)
    plateau = -(shares * np.log(shares)).sum()
    assert TASK.untrained(config).loss == pytest.approx(math.log(4))
    assert TASK.guess(config).loss == pytest.approx(plateau)

    def record(kind, loss, epoch=1.0):
        numbers = {"loss": loss, "bits_per_token": loss / math.log(2), "gradient_norm": 0.3}
        return {"kind": kind, "epoch": epoch, "learning_rate": 0.01, **numbers}

    stays = [record("training", plateau, step / 40) for step in range(1, 41)]
    ends = [*stays, record("validation", plateau)]
    [found] = diagnose(config, history("", ends, "next-symbol"))
    bits = f"{plateau / math.log(2):.3f} bits"
    assert (found.kind, found.title) == ("stuck", f"Stuck at {bits}")
    assert f"that of always answering with the shares of the symbols is {bits}" in found.sentence
    learned = [*stays, record("validation", 0.9 * plateau)]
    assert diagnose(config, history("", learned, "next-symbol")) == []


def test_a_result_is_said_in_bits_and_strings():
    scores = {"bits_above_truth": 0.0123, "right_strings": 0.5, "right_longer_strings": 0.25}
    assert TASK.further_in_words(scores) == (
        "That is 0.0123 bits above the truth. Each step is right in 50.0% of these strings, and in 25.0% of "
        "300 longer ones."
    )
    assert math.isnan(TASK.further_scores(scores | {"bits_above_truth": None})["bits_above_truth"])


def test_a_language_is_asked_for_its_next_symbol_and_has_no_classes():
    config = recommended_config("language-delay")
    assert config.task == "next-symbol"
    assert RunConfig.from_json(config.to_json()) == config
    assert bare_config("language-delay").task == "next-symbol"
    with pytest.raises(
        ConfigError, match="language-delay has no classes: it is for predicting the next symbol"
    ):
        RunConfig(**{**config.to_dict(), "task": "classification", "classes": ("string",),
                     "tokens": config.tokens, "text": config.text, "model": config.model,
                     "training": config.training})  # fmt: skip


def test_guessing_knows_nothing_but_how_many_symbols_there_are():
    config = recommended_config("language-anbn")
    assert TASK.untrained(config).loss == pytest.approx(math.log(3))
    load_corpus("language-anbn")
    assert 0 < TASK.guess(config).loss < math.log(3)


def test_texts_that_are_no_language_have_no_known_truth(verdict_cache, monkeypatch):
    monkeypatch.setenv("GATESCOPE_CACHE", str(verdict_cache))
    corpus = load_corpus("verdict")
    trainer_config = recommended_config("verdict").text
    with pytest.raises(DataError, match="it is no language"):
        TASK.encode(corpus, np.arange(3), Trainer(recommended_config("verdict"), corpus).vocabulary,
                    trainer_config)  # fmt: skip


@pytest.mark.parametrize("max_length", [4, 100])
def test_the_line_of_the_truth_is_the_mean_entropy_of_what_a_network_is_asked(max_length):
    corpus = load_corpus("language-anbn-n6")
    config = recommended_config("language-anbn-n6").with_settings(max_length=max_length)
    entropies = []
    for row in corpus.indices("validation").tolist():
        n = len(corpus.text(row)) // 2
        for t in range(min(2 * n + 1, max_length)):
            p = (6 - t) / (7 - t) if 1 <= t <= n and t < 6 else 1
            entropies.append(-sum(q * math.log2(q) for q in (p, 1 - p) if q))
    assert TASK.truth(config) == pytest.approx(np.mean(entropies))
