"""The command line as a test calls it, and small untrained models for it to read."""

import json
import shlex
from dataclasses import replace

from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.training.trainer import Trainer
from tests.untrained import published, untrained

TEXT = "The film was good, but the zither was bad"
TINY = (
    "--data verdict --vocab-size 60 --max-length 12 --hidden-size 4 --embedding-size 3 "
    "--reviews 128 --batch-size 32 --epochs 2 --threads 1"
).split()


def call(*words, text=None):
    """Calls a command by its words, or by one text as a shell would cut it."""
    [*words] = shlex.split(words[0]) if len(words) == 1 else map(str, words)
    return CliRunner().invoke(main, words, input=text)


def done(*words, text=None):
    """Calls a command that has to succeed."""
    answer = call(*words, text=text)
    assert answer.exit_code == 0, answer.output
    return answer


def said(*words, text=None):
    """The answer for machines."""
    words = (f"{words[0]} --json",) if len(words) == 1 else (*words, "--json")
    return json.loads(done(*words, text=text).stdout)


def error_of(answer, code):
    """The sentence of a command that ended with this exit code, in one line."""
    assert (answer.exit_code, "Traceback" in answer.output) == (code, False), answer.output
    return " ".join(answer.stderr.split())


def save_speaker(language="anbn", trained=None, **settings):
    """A network of a language, untrained if nothing is said, among the pretrained models, "speaker"."""
    config = recommended_config(f"language-{language}").with_settings(
        hidden_size=5, embedding_size=3, threads=1, **settings, **(trained or {})
    )
    model = untrained(config)
    if trained:
        list(trainer := Trainer(config, load_corpus(config.data)))
        model = replace(model, classifier=trainer.classifier)
    return published("speaker", model)
