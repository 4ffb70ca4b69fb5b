"""The answer in one sentence: where the verdict turned, or the token that did most without turning it."""

from pages.components.shared.format import literal
from rnn_core.figures.text import percent
from rnn_core.inspection.one_step import most_telling_token
from rnn_core.inspection.trace import Trace
from rnn_core.inspection.verdicts import verdicts


def turn_in_words(read: Trace, unit: str) -> str:
    """The last turn, else the token that moved the logit most, for Markdown; a token is called `unit`."""
    turns = verdicts(read).turns
    time = turns[-1].time if turns else most_telling_token(read)
    name = turns[-1].to if turns else read.label
    token = f"“{literal(read.review.window[time])}”"
    shares = read.probabilities_of_classes[:, read.classes.index(name)].tolist()
    if time == 0:
        return f"After {token} it is {percent(shares[0])} {literal(name)}."
    change = f"from {percent(shares[time - 1])} to {percent(shares[time])} {literal(name)}"
    if turns:
        return f"It turns {literal(name)} at {token}, {change}."
    return f"No {unit} turns the verdict; {token} moves it most, {change}."
