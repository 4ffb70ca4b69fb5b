"""The settings of a network."""

from collections.abc import Callable
from dataclasses import dataclass

from rnn_core.cell_files.declared import as_typed, as_version, at_present, from_path
from rnn_core.cell_files.typed import unnamed
from rnn_core.config.readouts import READOUTS, choices_in_words
from rnn_core.config.setting import NONE, Settings, setting
from rnn_core.errors import ConfigError
from rnn_core.symbols import CELLS, KINDS, CellDeclaration, kinds_with, variant_of

MOST_LAYERS = 4


def _names_cells(setting: str) -> Callable[[str], str]:
    """Returns what puts the cells whose equations the setting changes before its help text."""
    return lambda help: f"{' or '.join(kinds_with(setting).values())} only: {help[0].lower()}{help[1:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig(Settings):
    """The settings of the network that reads."""

    cell: str = setting(
        "gru",
        says=lambda help: " ".join([help, *(usual.summary for usual in KINDS.values())]),
        choices=KINDS,
        meant=as_version,
        given=from_path,
        same=unnamed,
        typed=as_typed,
        at_present=lambda cell: at_present(cell, "gru"),
    )
    """Cell. What happens at one time step."""
    reset: str = setting("before", says=_names_cells("reset"), choices=("before", "after"))
    """Reset gate. Whether the reset gate acts before the product with the recurrent weights (arXiv
    1406.1078v3) or after it (PyTorch, cuDNN).
    """
    coupled_gates: bool = setting(False, says=_names_cells("coupled_gates"))
    """Coupled gates. One gate instead of two. As much of the cell state is forgotten as is written, f = 1 - i
    (Greff et al., 2017).
    """
    peepholes: bool = setting(False, says=_names_cells("peepholes"))
    """Peepholes. Whether the gates also see the cell state, through one weight a unit (Gers and Schmidhuber,
    2000).
    """
    input: str = setting("embedding", choices=("embedding", "one-hot"))
    """Input. What the cell gets for a word: a small learned vector, or a one-hot vector as long as the
    vocabulary.
    """
    embedding_size: int = setting(32, between=(1, 1_024))
    """Embedding size. Numbers in a word's vector."""
    tied: bool = setting(False)
    """Tied embedding. Whether the head's weights are the vectors of the tokens, which are then learned once
    for both (Press and Wolf, 2017). Needs an embedding size that equals the hidden size.
    """
    hidden_size: int = setting(128, between=(1, 2_048))
    """Hidden size. Units of the hidden state: the memory the network has."""
    layers: int = setting(1, between=(1, MOST_LAYERS))
    """Layers. How many recurrences stand one above the other. The lowest reads the words, each further one
    the hidden states of the one below; the classifier reads the top one. Each takes about as long as the
    first.
    """
    bidirectional: bool = setting(False)
    """Both directions. Whether a second cell, with weights of its own, reads the {text} from its end to its
    beginning. The classifier then reads both. Takes twice the time.
    """
    bigrams: int = setting(
        0, between=(0, 500_000), steps=(0, 100, 1_000, 5_000, 20_000, 50_000, 100_000, 200_000), zero=NONE
    )
    """Bigrams. This many of the most frequent pairs of neighbouring words get a vector of their own, which is
    added to that of the pair's second word. 0 turns it off.
    """
    counted_bigrams: int = setting(
        0,
        between=(0, 1_000_000),
        steps=(0, 100, 1_000, 5_000, 20_000, 50_000, 100_000, 200_000, 400_000),
        zero=NONE,
    )
    """Counted bigrams. This many of the most frequent pairs of neighbouring words get one number each, their
    label odds: how much more often the pair is in {of_one_class}. It is added to the first number in the
    vector of the pair's second word. Of more than two classes each takes a number of its own. While the
    network learns from a {text}, the counts leave out {neighbours}. 0 turns it off.
    """
    label_odds: bool = setting(False)
    """Begin with label odds. Whether the first number in the vector of a word, and of a bigram, begins at its
    log odds: how much more often it is in {of_one_class}. So learning begins with what word counts show
    (after Wang and Manning, 2012).
    """
    readout: str = setting("last", says=lambda help: f"{help} {choices_in_words()}.", choices=READOUTS.keys())
    """Readout. What of the hidden states the classifier reads:"""
    head: str = setting("one-logit", choices=("one-logit", "two-logit"))
    """Head. One logit with binary cross-entropy, or two logits with cross-entropy."""
    initialisation: str = setting("orthogonal", choices=("orthogonal", "xavier", "uniform"))
    """Initialisation. How the recurrent weights start. Orthogonal ones keep the length of what they multiply,
    so by themselves they neither shrink nor stretch a gradient; the slope of each tanh still shrinks it.
    """
    forget_bias: float = setting(3.0, between=(-10.0, 10.0))
    """Forget-gate bias. The bias that a forget gate starts with; the gate that writes (input gate or update
    gate) starts with minus this. Above zero the cell remembers by default, so learning starts sooner.
    """
    embedding_dropout: float = setting(0.0, between=(0.0, 0.9))
    """Dropout on the input. Share of the numbers of a word's vector set to zero while training."""
    layer_dropout: float = setting(0.0, between=(0.0, 0.9))
    """Dropout between layers. Share of the hidden states set to zero on their way to the layer above, while
    training.
    """
    head_dropout: float = setting(0.0, between=(0.0, 0.9))
    """Dropout before the head. Share of the readout set to zero while training."""
    word_dropout: float = setting(0.0, between=(0.0, 0.9))
    """Word dropout. Share of the words replaced by <unk> while training."""
    bigram_dropout: float = setting(0.0, between=(0.0, 0.9))
    """Bigram dropout. Share of the bigrams left out while training, so that the network learns from the words
    alone, too.
    """

    def __post_init__(self) -> None:
        """Refuse a switch that is on where the cell has no use for it."""
        Settings.__post_init__(self)
        for name, declared in self.settings().items():
            kinds = kinds_with(name)
            if kinds and self.cell not in kinds and getattr(self, name) is True:
                having, this = " or ".join(kinds.values()), KINDS[self.cell].name
                raise ConfigError(
                    f"{declared.label} must be off unless the cell is {having}, got {this}. Choose {having}, "
                    "or turn them off."
                )

    @property
    def variant(self) -> str:
        """The name of the cell in `rnn_core.symbols.CELLS`.

        >>> ModelConfig(cell="gru", reset="after").variant
        'gru-after'
        """
        return variant_of(self.cell, self.cell_settings)

    @property
    def cell_settings(self) -> dict[str, str | bool]:
        """The settings that change the equations of the cell."""
        return {name: getattr(self, name) for name in KINDS[self.cell].settings}

    @property
    def declared(self) -> CellDeclaration:
        """The declaration of the cell: what is computed, and how it is shown."""
        return CELLS[self.variant]
