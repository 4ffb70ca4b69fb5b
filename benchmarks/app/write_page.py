"""The Write page: how soon a key is answered beside 400 symbols."""

import string
from collections.abc import Iterator

from benchmarks.app.browser import SETTLED, Visitor, own_artifacts, serve
from benchmarks.app.language_page import KEYS, move_cursor
from benchmarks.bench import Measurement, middle_and_tail
from rnn_core.data.sources import recommended_config
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.paths import pretrained_folder
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import END, Vocabulary

SYMBOLS, UNITS, PEN = 400, 512, "pen"


def measure_writing(visitor: Visitor) -> Iterator[Measurement]:
    """A large network that writes so many symbols on its page."""
    with own_artifacts(), serve() as server:
        model = keep_pen()
        length = SYMBOLS - len(model.config.corpus.first_sentence)
        visitor.go(f"{server.address}/write?model={PEN}&write_length={length}")
        visitor.wait_for(f"bench.says('of {SYMBOLS + 1}') && {SETTLED}")
        keys = f"{KEYS} keys that move the cursor over {SYMBOLS} symbols on Write, until everything is drawn"
        yield from middle_and_tail(keys, move_cursor(visitor, SYMBOLS + 1), "ms", at_most=450)
        visitor.leave()


def keep_pen() -> Model:
    """Keep an untrained network of characters among the pretrained ones, which ends no text."""
    config = recommended_config("imdb-characters").with_settings(hidden_size=UNITS)
    words = Vocabulary([*task_of(config).specials, *string.printable])
    network = task_of(config).network(config, len(words), Classifier)
    network.head.bias.data[task_of(config).answers(config, words).index(END)] = -100
    save_model(pretrained_folder() / PEN, config, words, network.state_dict())
    return Model.load(pretrained_folder() / PEN, None)
