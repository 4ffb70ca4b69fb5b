"""The token strip of Read, coloured by what each token did."""

import numpy as np

from pages.components.read.readings import Reading
from pages.components.shared.panel_chart import saying_why_not
from pages.components.shared.token_strip import OCCLUSION, SURPRISE, Effect, Ways, chips, cursor_strip, ways
from rnn_core.figures.sentences import say


@saying_why_not()
def show_strip(reading: Reading, time: int, effect: Effect) -> None:
    """The strip of a reading, its words coloured by one of the effects."""
    if effect == SURPRISE:  # of a token when it came, which is what was expected one time step before
        surprise = np.nan_to_num(np.append(0.0, reading.next_tokens.surprise[:-1])).astype(np.float32)
        strip = [chip._replace(turns="") for chip in chips(reading.trace, surprise)]
        means = Ways("", say("surprised"), reading.unit)
    else:
        effects = reading.contributions if effect == OCCLUSION else None
        strip, means = chips(reading.trace, effects), ways(reading.trace, reading.unit)
    cursor_strip(strip, means, time, "token", height=156, effect=effect)
