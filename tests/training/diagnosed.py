"""Trainings and what is made of them, for the tests and for `python -m tests.diagnosis`."""

from typing import NamedTuple

from rnn_core.config.presets import FAILURES
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.training.diagnosis import Diagnosis, diagnose
from rnn_core.training.history import history
from rnn_core.training.trainer import Trainer

KIND_OF = {name: "stuck" if name == "vanishing" else name for name in FAILURES}
"""The diagnosis that each failure of the gallery has to get."""

QUICK = recommended_config("verdict").with_settings(epochs=2, hidden_size=64, max_length=100)
HEALTHY = {
    "gru": recommended_config("verdict").with_settings(epochs=3),
    "lstm": recommended_config("verdict").with_settings(epochs=3, cell="lstm"),
    # At the learning rate of the others a plain RNN learns nothing on one seed of three.
    "elman": QUICK.with_settings(cell="elman", epochs=6, learning_rate=4e-3),
    "quick": QUICK,
    "padding read before": QUICK.with_settings(skip_padding=False),
    "padding read after, by a GRU": QUICK.with_settings(skip_padding=False, padding="post"),
    "no clipping": QUICK.with_settings(clip_norm=0.0),
}
"""Trainings that go well, some of them close to one of the failures."""


class Judged(NamedTuple):
    """A training, and what was seen of it."""

    at_evaluations: list[list[Diagnosis]]
    """The diagnosis at each evaluation, as it would have been shown then."""
    at_the_end: list[Diagnosis]
    accuracy: float
    """The best on the validation reviews."""

    @property
    def ever(self):
        """The kinds that were named at any time."""
        return {found.kind for moment in (*self.at_evaluations, self.at_the_end) for found in moment}


def train_and_judge(config):
    """A real training to its end."""
    trainer = Trainer(config, load_corpus(config.data))
    records, moments = [], []
    for record in trainer:
        records.append(record)
        if record.kind == "validation":
            moments.append(diagnose(config, history("", records)))
    message = trainer.message if trainer.outcome == "diverged" else ""
    return Judged(moments, diagnose(config, history("", records), message), trainer.kept_score or 0.0)
