"""Every command that lets a network read says where it overflows, in one sentence and with an exit code."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.config.run import RunConfig
from rnn_core.models.folder import save_model
from rnn_core.nn.classifier import Classifier
from rnn_core.paths import pretrained_folder
from rnn_core.text.vocabulary import Vocabulary

WORDS = Vocabulary.from_counts({"the": 5, "film": 4, "was": 3, "good": 2, "bad": 1}, 10)
TEXT = "The film was good"
COMMANDS = {
    "predict": ["predict", "large", TEXT],
    "predict a table": ["predict", "large", "--file", "texts.csv", "--out", "classes.csv"],
    "trace": ["trace", "large", TEXT, "--out", "trace.json"],
    "evaluate": ["evaluate", "large"],
    "probe": ["probe", "large"],
}


@pytest.fixture
def large(tmp_path, monkeypatch):
    """A network called "large" with weights of 3e38, and a table."""
    config = RunConfig(data="verdict").with_settings(hidden_size=5, embedding_size=3)
    torch.manual_seed(3)
    weights = Classifier(config.model, len(WORDS)).state_dict()
    large = {name: weight.sign() * 3e38 for name, weight in weights.items()}
    save_model(pretrained_folder() / "large", config, WORDS, large)
    monkeypatch.chdir(tmp_path)
    Path("texts.csv").write_text(f"text\n{TEXT}\nThe film was bad\n", encoding="utf-8")


@pytest.mark.usefixtures("large", "with_corpus")
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_command_ends_with_a_sentence_where_the_network_overflows(words):
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "overflows" in done.stderr
    assert "choose another network" in done.stderr
    assert not Path("trace.json").exists()
    assert not Path("classes.csv").exists()
