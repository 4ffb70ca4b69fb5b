"""Texts that a network writes while it learns, to be kept with the records of its training."""

from collections.abc import Callable

from rnn_core.config.run import RunConfig
from rnn_core.errors import NoVerdictError
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import Vocabulary
from rnn_core.writing.text import Writing, joined_text, writing
from rnn_core.writing.writer import Writer

SAMPLE = Writing(length=200, temperature=0.7, goes_on=True)
"""The settings by which it is written, from an empty beginning."""


def recorder(config: RunConfig, vocabulary: Vocabulary) -> Callable[[Classifier], str | None]:
    """Make what a Trainer asks for the text that its network writes by then, which is left in its mode.

    None where a run of these settings does not learn to write exact tokens, and where a network overflows.
    """

    def written(classifier: Classifier) -> str | None:
        was_training = classifier.training
        model = Model(config=config, vocabulary=vocabulary, classifier=classifier.eval())
        try:
            symbols = writing(Writer(model), SAMPLE)
            return joined_text([symbol.token for symbol in symbols], config.tokens)
        except NoVerdictError:
            return None
        finally:
            classifier.train(was_training)

    is_asked = task_of(config).at_every_step and config.tokens.exact
    return written if is_asked else lambda classifier: None
