"""A text that a network writes: symbol by symbol, or whole; and what it writes while it learns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple, Self

from rnn_core.config.run import RunConfig
from rnn_core.config.setting import FEW, Settings, setting
from rnn_core.config.tokens import TokenRules
from rnn_core.errors import ConfigError, NoVerdictError
from rnn_core.inspection.clamps import Clamp, Patch, as_clamps
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.refusals import shown
from rnn_core.tasks.task import task_of
from rnn_core.text.tokenizer import spelled
from rnn_core.text.vocabulary import END, Vocabulary
from rnn_core.writing.beam import WIDEST, beam_search
from rnn_core.writing.choice import Choosing
from rnn_core.writing.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing(Choosing):
    """The settings by which a text is written."""

    length: int = setting(200, between=(0, 100_000), steps=(*FEW, 300, 500, 1_000, 2_000))
    """Length. How many symbols are written, unless the network ends the text before."""
    goes_on: bool = setting(False)
    """Go on. Whether another text begins where the network ends one."""
    beam: int = setting(0, between=(0, WIDEST), zero="none")
    """Beam search. How many beginnings are kept at each symbol, the most probable ones: the whole text is
    searched for, in place of drawing each symbol. 0 draws.
    """

    def __post_init__(self) -> None:
        Settings.__post_init__(self)
        if self.beam:
            for name in ("temperature", "top_k", "top_p", "goes_on"):
                declared = self.settings()[name]
                if (value := getattr(self, name)) != declared.default:
                    raise ConfigError(
                        f"{declared.label} does nothing to a beam search, which looks for the most probable "
                        f"text: leave it at {declared.default}, got {shown(value)}."
                    )


class Symbol(NamedTuple):
    """One symbol that was written."""

    token: str
    bits: float
    """-log2 of the probability that the network gave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text that a network wrote.

    >>> write(Model.load("tiny-anbn", None), "aaab", temperature=0)
    aaabbb
    """

    writer: Writer = field(repr=False)
    """The writer behind the last symbol: it has the trace, and goes on."""
    beginning: tuple[str, ...]
    """The tokens that were read."""
    tokens: tuple[str, ...]
    """The tokens that were written; `<end>` where a text ended."""
    bits: tuple[float, ...]
    """-log2 of the probability that the network gave each of them."""
    is_ended: bool
    """True if the network ended the text, False if it came to the length that was asked for."""

    @classmethod
    def of(cls, writer: Writer, beginning: Sequence[str], symbols: Sequence[Symbol]) -> Self:
        """The text of a writer, given what was read and what was written, up to where the writer is."""
        return cls(
            writer=writer,
            beginning=tuple(beginning),
            tokens=tuple(one.token for one in symbols),
            bits=tuple(one.bits for one in symbols),
            is_ended=len(writer.symbols) < len(beginning) + len(symbols),  # it stays before its end
        )

    def __repr__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The beginning and all that was written."""
        return joined_text((*self.beginning, *self.tokens), self.writer.model.config.tokens)


def joined_text(symbols: Sequence[str], rules: TokenRules) -> str:
    """Joins symbols to a text; a line ends where a text ended and another follows."""
    texts = [[*some] for is_end, some in groupby(symbols, END.__eq__) if not is_end]
    return "\n".join(spelled(tokens, rules) for tokens in texts)


def writing(writer: Writer, how: Writing) -> Iterator[Symbol]:
    """Each symbol as soon as it is written; those of a beam search come in the end, together.

    A writer that ended its text stays before its end, unless it goes on.
    """
    found = beam_search(writer, how.beam, how.length)[0].symbols if how.beam else None
    for place in range(how.length if found is None else len(found)):
        token = writer.choose(how) if found is None else found[place]
        if token == END and not how.goes_on:
            yield Symbol(token, writer.surprise(token))
            return
        yield Symbol(token, writer.write(token))


def write(
    model: Model,
    beginning: str = "",
    *,
    clamps: str | Sequence[str | Clamp] = "",
    patches: Sequence[Patch] = (),
    layer: int | None = None,
    **settings: Any,
) -> Written:
    """Let a network write a text on from its beginning, which may be empty.

    `settings` are those of `Writing`: length, temperature, top_k, top_p, seed, goes_on and beam. The same
    ones write the same text, and a shorter text is the beginning of a longer one, but for a beam search.
    `clamps` hold quantities of a layer at a value, as `rnn_core.inspection.clamps` writes them, those of the
    top one where no `layer` is given; `patches` put in states of other texts that it read. Raises
    ConfigError, ClampError and OverflowedError; for a network that does not say what comes next
    ModelFolderError.

    >>> write(Model.load("tiny-anbn", None), "a", length=3, seed=1).tokens
    ('a', 'a', 'a')
    """
    how = Writing.from_dict(settings)
    writer = Writer(model, beginning, clamps=as_clamps(clamps), patches=patches, layer=layer)
    read = tuple(writer.symbols)
    return Written.of(writer, read, [*writing(writer, how)])


SAMPLE = Writing(goes_on=True)
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
