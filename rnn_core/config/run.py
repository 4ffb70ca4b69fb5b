"""The settings of a run: what is read, by which network, trained how.

Each setting is declared once, with its range and a sentence on what it does to the network. The
form, the command line and the checks all read that declaration.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from rnn_core.config.class_names import LONGEST_CLASS, is_class_name, spelled_alike
from rnn_core.config.setting import Setting, Settings, setting
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.errors import ConfigError
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.refusals import shown
from rnn_core.symbols import CELLS, CellDeclaration, cell_names, declaration, kinds_with, variant_of

DEFAULT_IMDB_REVIEWS = 25_000
NETWORK_NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,99}"
"""The name of a network, as a pattern."""
MOST_TEACHERS = 6
MOST_LAYERS = 4
MOST_BYTES = 100_000
"""Of a configuration as JSON; one has about 1,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextConfig(Settings):
    """How a review becomes token ids."""

    vocab_size: int = setting(
        5_000,
        "Vocabulary size",
        "How many different tokens the network can tell apart, the three special ones included. "
        "Every rarer word becomes <unk>.",
        between=(4, 200_000),
    )
    max_length: int = setting(
        256,
        "Maximum length",
        "How many tokens the network reads of a review at most, <start> included. The rest is cut.",
        between=(1, 5_000),
    )
    truncation: str = setting(
        "pre",
        "Truncation side",
        "Which side of a long review is cut: its front (pre) or its end (post). "
        "The verdict of a review often stands last.",
        choices=("pre", "post"),
    )
    padding: str = setting(
        "pre",
        "Padding side",
        "Where a short review is filled up: in front of its first word (pre) or at its end (post). "
        "It only matters when padding is read.",
        choices=("pre", "post"),
    )
    start_token: bool = setting(
        True,
        "Start token",
        "Whether each review begins with <start>. It takes one place of the maximum length.",
    )
    skip_padding: bool = setting(
        True,
        "Skip padding",
        "Whether the network stops at a review's last word. When off, it computes on the padding "
        "as if it were text.",
    )
    verdict_distance: int = setting(
        0,
        "Words after the verdict",
        "Verdict corpus only: each review has one verdict and exactly this many words of plot after it, so "
        "the network must remember it that long. 0 takes the reviews as they come, of every kind.",
        between=(0, 4_000),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig(Settings):
    """Which network reads it."""

    cell: str = setting(
        "gru",
        "Cell",
        "What happens at one time step. A plain RNN (Elman) mixes word and memory through one tanh; UGRNN, "
        "GRU and LSTM have one, two and three gates, which decide what is kept, written and shown. The gates "
        "of minGRU and minLSTM see the word alone; each unit of an IndRNN has a memory that no other reads.",
        choices=CELLS.keys(),
    )
    reset: str = setting(
        "before",
        "Reset gate",
        "GRU only: whether the reset gate acts before the product with the recurrent weights "
        "(arXiv 1406.1078v3) or after it (PyTorch, cuDNN).",
        choices=("before", "after"),
    )
    coupled_gates: bool = setting(
        False,
        "Coupled gates",
        "LSTM only: one gate instead of two. As much of the cell state is forgotten as is written, "
        "f = 1 - i (Greff et al., 2017).",
    )
    peepholes: bool = setting(
        False,
        "Peepholes",
        "LSTM only: whether the gates also see the cell state, through one weight a unit (Gers and "
        "Schmidhuber, 2000).",
    )
    input: str = setting(
        "embedding",
        "Input",
        "What the cell gets for a word: a small learned vector, or a one-hot vector as long as the "
        "vocabulary.",
        choices=("embedding", "one-hot"),
    )
    embedding_size: int = setting(32, "Embedding size", "Numbers in a word's vector.", between=(1, 1_024))
    hidden_size: int = setting(
        128,
        "Hidden size",
        "Units of the hidden state: the memory the network has.",
        between=(1, 2_048),
    )
    layers: int = setting(
        1,
        "Layers",
        "How many recurrences stand one above the other. The lowest reads the words, each further one the "
        "hidden states of the one below; the classifier reads the top one. Each takes about as long as the "
        "first.",
        between=(1, MOST_LAYERS),
    )
    bidirectional: bool = setting(
        False,
        "Both directions",
        "Whether a second cell, with weights of its own, reads the review from its end to its beginning. The "
        "classifier then reads both. Takes twice the time.",
    )
    bigrams: int = setting(
        0,
        "Bigrams",
        "This many of the most frequent pairs of neighbouring words get a vector of their own, which is "
        "added to that of the pair's second word. 0 turns it off.",
        between=(0, 500_000),
    )
    counted_bigrams: int = setting(
        0,
        "Counted bigrams",
        "This many of the most frequent pairs of neighbouring words get one number each, their label odds: "
        "how much more often the pair is in positive training reviews than in negative ones. It is added to "
        "the first number in the vector of the pair's second word. Of more than two classes each takes a "
        "number of its own. While the network learns from a review, "
        "the counts leave out this review and its neighbours, which are often of the same film. 0 turns it "
        "off.",
        between=(0, 1_000_000),
    )
    label_odds: bool = setting(
        False,
        "Begin with label odds",
        "Whether the first number in the vector of a word, and of a bigram, begins at its log odds: how "
        "much more often it is in positive training reviews than in negative ones. So learning begins with "
        "what word counts show (after Wang and Manning, 2012).",
    )
    readout: str = setting(
        "last",
        "Readout",
        "What of the hidden states the classifier reads: the last one; the mean or the largest value of each "
        "unit over time; or by attention a mean with weights that the states decide (Bahdanau et al., 2015).",
        choices=("last", "mean", "max", "attention"),
    )
    head: str = setting(
        "one-logit",
        "Head",
        "One logit with binary cross-entropy, or two logits with cross-entropy.",
        choices=("one-logit", "two-logit"),
    )
    initialisation: str = setting(
        "orthogonal",
        "Initialisation",
        "How the recurrent weights start. Orthogonal ones keep the length of what they multiply, so by "
        "themselves they neither shrink nor stretch a gradient; the slope of each tanh still shrinks it.",
        choices=("orthogonal", "xavier", "uniform"),
    )
    forget_bias: float = setting(
        3.0,
        "Forget-gate bias",
        "The bias that the forget gate of an LSTM starts with; the gate that writes (input gate of an LSTM, "
        "update gate of a GRU) starts with minus this. Above zero the cell remembers by default, so learning "
        "starts sooner.",
        between=(-10.0, 10.0),
    )
    embedding_dropout: float = setting(
        0.0,
        "Dropout on the input",
        "Share of the numbers of a word's vector set to zero while training.",
        between=(0.0, 0.9),
    )
    layer_dropout: float = setting(
        0.0,
        "Dropout between layers",
        "Share of the hidden states set to zero on their way to the layer above, while training.",
        between=(0.0, 0.9),
    )
    head_dropout: float = setting(
        0.0,
        "Dropout before the head",
        "Share of the readout set to zero while training.",
        between=(0.0, 0.9),
    )
    word_dropout: float = setting(
        0.0,
        "Word dropout",
        "Share of the words replaced by <unk> while training.",
        between=(0.0, 0.9),
    )
    bigram_dropout: float = setting(
        0.0,
        "Bigram dropout",
        "Share of the bigrams left out while training, so that the network learns from the words alone, too.",
        between=(0.0, 0.9),
    )

    def __post_init__(self) -> None:
        """Refuse a switch that is on where the cell has no use for it."""
        Settings.__post_init__(self)
        for name, declared in self.settings().items():
            kinds = kinds_with(name)
            if kinds and self.cell not in kinds and getattr(self, name) is True:
                having, this = " or ".join(kinds.values()), cell_names()[self.cell]
                raise ConfigError(
                    f"{declared.label} must be off unless the cell is {having}, got {this}. Choose {having}, "
                    "or turn them off."
                )

    @property
    def variant(self) -> str:
        """Its cell as `rnn_core.symbols.variants` names it.

        >>> ModelConfig(cell="gru", reset="after").variant
        'gru-after'
        """
        return variant_of(self.cell, self.cell_settings)

    @property
    def cell_settings(self) -> dict[str, str | bool]:
        """The settings that change the equations of its cell."""
        return {name: getattr(self, name) for name in CELLS[self.cell][0].settings}

    @property
    def declared(self) -> CellDeclaration:
        """What its cell computes, and how it is shown."""
        return declaration(self.variant)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig(Settings):
    """How it is trained."""

    reviews: int = setting(
        DEFAULT_IMDB_REVIEWS,
        "Training reviews",
        "At most how many reviews to learn from, after the validation reviews were set aside. "
        "Fewer is faster and learns less.",
        between=(2, 1_000_000),
    )
    excerpts: float = setting(
        0.0,
        "Excerpts",
        "Share of the reviews of an epoch of which only a part is read, each time another one, of any length "
        "from six words on. So the network sees short text of real people, too.",
        between=(0.0, 1.0),
    )
    snippets: int = setting(
        0,
        "Short parts of reviews",
        "So many of them, of 5 to 40 words each, are added to each epoch. They keep the network "
        "used to short text of real people, above all beside composed sentences.",
        between=(0, 1_000_000),
    )
    composed: int = setting(
        0,
        "Composed sentences",
        "This many short sentences, written by patterns, are added to each epoch: negations, turns, "
        "comparisons, each with its verdict. They teach what reviews alone hardly show: what a word such as "
        '"not" does to "bad".',
        between=(0, 1_000_000),
    )
    epochs: int = setting(4, "Epochs", "How often the network sees each training review.", between=(1, 1_000))
    batch_size: int = setting(
        64,
        "Batch size",
        "Reviews per optimizer step. Larger is steadier and takes fewer optimizer steps.",
        between=(1, 4_096),
    )
    optimizer: str = setting(
        "adamw",
        "Optimizer",
        "How a gradient becomes a change of the weights.",
        choices=("adamw", "adam", "sgd"),
    )
    learning_rate: float = setting(
        3e-3,
        "Learning rate",
        "How far an optimizer step moves the weights, at the highest point of the schedule. Too small: "
        "nothing is learned. Too large: it diverges.",
        between=(1e-7, 100.0),
    )
    schedule: str = setting(
        "one-cycle",
        "Schedule",
        "How the learning rate changes: not at all, down along a cosine, or up and down again "
        "(one cycle; Smith and Topin, 2018).",
        choices=("constant", "cosine", "one-cycle"),
    )
    weight_decay: float = setting(
        0.01, "Weight decay", "Pull of every weight towards zero.", between=(0.0, 10.0)
    )
    clip_norm: float = setting(
        1.0,
        "Clip gradients at",
        "A longer gradient is shortened to this norm, which keeps one bad batch from wrecking the "
        "network. 0 turns it off.",
        between=(0.0, 1e6),
    )
    label_smoothing: float = setting(
        0.0,
        "Label smoothing",
        "How far the target moves from certainty towards the same share for each class: with 0.1 and two "
        "classes the network is to say 95 %, not 100 % (Szegedy et al., 2016).",
        between=(0.0, 0.5),
    )
    class_weights: str = setting(
        "off",
        "Class weights",
        "How much the loss of a text counts: each as much as the next one, or balanced, so that all classes "
        "count alike together. Balanced helps a rare class to be found, at the cost of the frequent ones.",
        choices=("off", "balanced"),
    )
    teachers: str = setting(
        "",
        "Teachers",
        f"Names of trained networks with + between them, {MOST_TEACHERS} at most. The network learns their "
        "mean answer to "
        "each text beside its label, so that it ends with what several know (distillation; Hinton et al., "
        "2015). They must have learned from these reviews with the seed of this run. With each of them a "
        "training takes about a third longer.",
        pattern=rf"({NETWORK_NAME}(\+{NETWORK_NAME}){{0,{MOST_TEACHERS - 1}}})?",
        form=f"at most {MOST_TEACHERS} names of networks with + between them",
    )
    teachers_share: float = setting(
        0.7,
        "Share of the teachers",
        "How much of the target is the answer of the teachers; the rest is the label.",
        between=(0.0, 1.0),
    )
    adversarial: float = setting(
        0.0,
        "Adversarial perturbation",
        "Length of a push on the word vectors of each review, in the direction that misleads the network "
        "most; it learns from the pushed review as well (Miyato et al., 2017). 0 turns it off. Takes twice "
        "the time.",
        between=(0.0, 100.0),
    )
    weight_averaging: float = setting(
        0.0,
        "Weight averaging",
        "Decay of a running average of the weights, which is then what is evaluated and kept. "
        "0 turns it off.",
        between=(0.0, 0.99999),
    )
    evaluations_per_epoch: int = setting(
        4,
        "Evaluations per epoch",
        "How often the validation reviews are scored in an epoch.",
        between=(1, 100),
    )
    patience: int = setting(
        0,
        "Early stop after",
        "Stop when this many evaluations in a row brought no better validation accuracy. 0 never stops.",
        between=(0, 1_000),
    )
    keep: str = setting(
        "best",
        "Weights kept",
        "The weights that did best on the validation reviews, or those at the end of the training.",
        choices=("best", "last"),
    )
    seed: int = setting(
        0,
        "Seed",
        "Where the random numbers start: weights, order, dropout, validation reviews. The same seed repeats "
        "the run exactly, on the same machine with the same number of threads.",
        between=(0, 2**31 - 1),
    )
    threads: int = setting(
        0,
        "Threads",
        "Processor threads for the training. 0 takes all cores but one.",
        between=(0, 1_024),
    )
    device: str = setting(
        "auto",
        "Device",
        "Where it computes; auto takes a GPU where there is one.",
        choices=("auto", "cpu", "cuda"),
    )
    precision: str = setting(
        "float32",
        "Precision",
        "Of what the network multiplies while it learns: float32 has 24 binary digits; bfloat16 has 8 and is "
        "faster where the processor has instructions for it, else mostly slower. Sums, states, weights, "
        "small products and all evaluations stay in float32. A GPU takes float32 only.",
        choices=("float32", "bfloat16"),
    )


DATA_SOURCES = ("imdb", "verdict")
"""The corpora that come with the app; every other name is that of a corpus of the user's own."""
CORPUS_NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,49}"
"""The name of a corpus, as a pattern."""
_BUILT_IN = re.compile("|".join([*DATA_SOURCES, r"verdict-\d+"]), re.IGNORECASE)
CLASSES = ("negative", "positive")
"""Those of the corpora that come with the app."""
MOST_CLASSES = 50
_NAMED = 4
"""Classes that a sentence names."""
_MOST_WORD_WEIGHTS = 25_000_000
_MOST_UPPER_WEIGHTS = 50_000_000

GROUPS: dict[str, type[Settings]] = {
    "text": TextConfig,
    "model": ModelConfig,
    "training": TrainingConfig,
}


def is_built_in(name: str) -> bool:
    """Whether it is the name of a corpus that comes with the app, in capital letters or not.

    >>> is_built_in("IMDB"), is_built_in("verdict-50"), is_built_in("verdicts")
    (True, True, False)
    """
    return _BUILT_IN.fullmatch(name) is not None


def all_settings() -> Iterator[tuple[str, str, Setting]]:
    """(group, name, declaration) of every setting; names are unique over the groups."""
    for group, cls in GROUPS.items():
        for name, declared in cls.settings().items():
            yield group, name, declared


def _some(names: tuple[str, ...]) -> str:
    """The first few names, and how many more there are.

    >>> _some(("a", "b", "c", "d", "e", "f"))
    'a, b, c, d and 2 more'
    """
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


class Identity(NamedTuple):
    """What a corpus is: a network of another one reads other classes, other tokens or other texts."""

    classes: tuple[str, ...]
    tokens: TokenRules
    mark: str

    def differs(self, found: "Identity") -> str:
        """How another corpus, found in its place, differs, as a part of a sentence; empty where it does not.

        >>> Identity(("a", "b"), WORDS, "").differs(Identity(("a", "c"), WORDS, ""))
        'it has the classes a, c, not a, b'
        """
        if found.classes != self.classes:
            return f"it has the classes {_some(found.classes)}, not {_some(self.classes)}"
        if found.tokens != self.tokens:
            return "its texts are cut into other tokens"
        return "" if found.mark == self.mark else "it was made of another table, or in another way"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """Everything that decides how a run turns out; round-trips through JSON."""

    data: str = "imdb"
    classes: tuple[str, ...] = CLASSES
    """The names of the K classes of the corpus."""
    tokens: TokenRules = WORDS
    """How the texts of the corpus are cut."""
    corpus_mark: str = ""
    """Another one for each corpus of the user's own, whatever its name; empty for those of the app."""
    text: TextConfig = field(default_factory=TextConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self) -> None:
        if not (isinstance(self.data, str) and re.fullmatch(CORPUS_NAME, self.data)):
            raise ConfigError(
                f"Data must be {', '.join(DATA_SOURCES)} or the name of a corpus, 1 to 50 letters, digits, - "
                f"and _, got {shown(self.data)}."
            )
        if self.is_built_in and self.data not in DATA_SOURCES:
            raise ConfigError(
                f"Data must not be called like {' or '.join(DATA_SOURCES)} in other letters, got {self.data}."
            )
        self._check_classes()
        if self.text.verdict_distance and self.data != "verdict":
            raise ConfigError(
                f"Words after the verdict must be 0 for {self.data}, since only the verdict corpus has a "
                f"known place for it, got {self.text.verdict_distance:,}."
            )
        for name, asked in (
            ("Excerpts", self.training.excerpts),
            ("Short parts of reviews", self.training.snippets),
        ):
            if asked and self.data == "verdict":
                raise ConfigError(
                    f"{name} must be 0 for the verdict corpus, since a part of its reviews may lack the "
                    f"verdict that decides the label, got {asked:,g}."
                )
        if len(set(self.teachers)) < len(self.teachers):
            raise ConfigError(f"Each teacher must be named once, got {shown(self.training.teachers)}.")
        if self.training.composed and not self.is_built_in:
            raise ConfigError(
                f"Composed sentences must be 0 for {self.data}, since they are opinions about films, got "
                f"{self.training.composed:,}."
            )
        self._check_label_odds()
        one_hot = self.model.input == "one-hot"
        width = self.model.hidden_size if one_hot else self.model.embedding_size
        if self.text.vocab_size * width > _MOST_WORD_WEIGHTS:
            raise ConfigError(
                f"Vocabulary size times {'hidden' if one_hot else 'embedding'} size must be at most "
                f"{_MOST_WORD_WEIGHTS:,}, which is what a laptop can hold while training, got "
                f"{self.text.vocab_size:,} x {width:,}."
            )
        if one_hot and self.model.bigrams:
            raise ConfigError("Bigrams need an embedding as input, since they are added to it.")
        if one_hot and self.model.counted_bigrams:
            raise ConfigError("Counted bigrams need an embedding as input, since they are added to it.")
        if one_hot and self.model.label_odds:
            raise ConfigError("Label odds need an embedding as input, since they are written into it.")
        if one_hot and self.training.adversarial:
            raise ConfigError("Adversarial perturbation needs an embedding as input, since it pushes that.")
        self._check_layers()
        if self.model.bigrams * width > _MOST_WORD_WEIGHTS:
            raise ConfigError(
                f"Bigrams times embedding size must be at most {_MOST_WORD_WEIGHTS:,}, which is what a "
                f"laptop can hold while training, got {self.model.bigrams:,} x {width:,}."
            )

    def _check_layers(self) -> None:
        """Raise ConfigError where the layers above the lowest have too many weights."""
        H, ways = self.model.hidden_size, 2 if self.model.bidirectional else 1
        weights = (self.model.layers - 1) * ways * len(self.model.declared.parts) * H * (ways + 1) * H
        if weights > _MOST_UPPER_WEIGHTS:
            raise ConfigError(
                f"The layers above the lowest must have at most {_MOST_UPPER_WEIGHTS:,} weights together, "
                "which is what a laptop can hold while training, got "
                f"{weights:,}. Choose fewer layers or units."
            )

    def _check_classes(self) -> None:
        """Put the names into one spelling. Raises ConfigError for what can't be those of its corpus."""
        if self.is_built_in and self.identity != Identity(CLASSES, WORDS, ""):
            raise ConfigError(
                f"The classes of {self.data} are {' and '.join(CLASSES)}, and its tokens words."
            )
        if not 2 <= len(self.classes) <= MOST_CLASSES:
            raise ConfigError(f"There must be 2 to {MOST_CLASSES} classes, got {len(self.classes):,}.")
        for name in self.classes:
            if not is_class_name(name):
                raise ConfigError(
                    f"The name of a class must have 1 to {LONGEST_CLASS} printable characters, got "
                    f"{shown(name)}."
                )
        if len(set(self.classes)) < len(self.classes):
            raise ConfigError("Each class must have a name of its own.")
        object.__setattr__(self, "classes", spelled_alike(self.classes))

    def _check_label_odds(self) -> None:
        """Raise ConfigError where the label odds of its classes have no place."""
        K, E = len(self.classes), self.model.embedding_size
        for name, on in (
            ("Label odds", self.model.label_odds),
            ("Counted bigrams", self.model.counted_bigrams),
        ):
            if on and max(2, E) < K:
                raise ConfigError(
                    f"{name} need an embedding size of at least the {K} classes, since each class takes one "
                    f"number of a word's vector, got {E:,}."
                )

    @property
    def identity(self) -> Identity:
        """What its corpus must be."""
        return Identity(self.classes, self.tokens, self.corpus_mark)

    @property
    def is_built_in(self) -> bool:
        """Whether it reads reviews that come with the app, not a corpus of the user's own."""
        return is_built_in(self.data)

    @property
    def teachers(self) -> tuple[str, ...]:
        """The names of the networks from which it learns, too."""
        return tuple(filter(None, self.training.teachers.split("+")))

    @property
    def corpus(self) -> str:
        """The name of the reviews that are read, as `rnn_core.data.sources` knows them.

        >>> default_config("verdict").with_settings(verdict_distance=50).corpus
        'verdict-50'
        """
        distance = self.text.verdict_distance
        return f"{self.data}-{distance}" if distance else self.data

    def with_settings(self, **values: Any) -> Self:
        """This configuration with some settings changed, whichever group they belong to.

        >>> RunConfig().with_settings(cell="lstm", epochs=2).model.cell
        'lstm'
        """
        group_of = {name: group for group, name, _ in all_settings()}
        changed: dict[str, dict[str, Any]] = {group: {} for group in GROUPS}
        for name, value in values.items():
            if name not in group_of:
                raise ConfigError(f"There is no setting called {shown(name)}.")
            changed[group_of[name]][name] = value
        return dataclasses.replace(
            self,
            **{
                group: dataclasses.replace(getattr(self, group), **new)
                for group, new in changed.items()
                if new
            },
        )

    def values(self) -> dict[str, Any]:
        """Setting name -> value, over all groups."""
        return {name: getattr(getattr(self, group), name) for group, name, _ in all_settings()}

    def differences(self, other: "RunConfig") -> dict[str, Any]:
        """Its own values of the settings in which it differs from another configuration.

        >>> default_config("verdict").with_settings(cell="lstm").differences(default_config("verdict"))
        {'cell': 'lstm'}
        """
        theirs = other.values()
        return {name: value for name, value in self.values().items() if value != theirs[name]}

    def to_dict(self) -> dict[str, Any]:
        """A nested dictionary that JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`: defaults for missing settings, unknown ones are refused."""
        for name in values:
            if name not in ("data", "classes", "tokens", "corpus_mark", *GROUPS):
                raise ConfigError(f"There is no group of settings called {shown(name)}.")
        for group in ("tokens", *GROUPS):
            if not isinstance(values.get(group, {}), Mapping):
                raise ConfigError(f"The settings under {group!r} must be an object.")
        classes = values.get("classes", CLASSES)
        if not isinstance(classes, list | tuple):
            raise ConfigError(f"Classes must be a list of names, got {shown(classes)}.")
        mark = values.get("corpus_mark", "")
        if not (isinstance(mark, str) and re.fullmatch("[0-9a-f]{0,64}", mark)):
            raise ConfigError(f"The mark of a corpus must be up to 64 digits from 0 to f, got {shown(mark)}.")
        return cls(
            data=values.get("data", "imdb"),
            corpus_mark=mark,
            classes=tuple(classes),
            tokens=TokenRules.from_dict(values.get("tokens", {})),
            text=TextConfig.from_dict(values.get("text", {})),
            model=ModelConfig.from_dict(values.get("model", {})),
            training=TrainingConfig.from_dict(values.get("training", {})),
        )

    def to_json(self) -> str:
        """Indented JSON with a final newline."""
        return to_json(self.to_dict(), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`. Raises ConfigError where the text is no such configuration."""
        try:
            values = from_json(text, dict[str, Any], most_bytes=MOST_BYTES)
        except FormatError as error:
            raise ConfigError(f"The configuration can't be read: {error}") from error
        return cls.from_dict(values)


# The verdict corpus has fewer words than IMDB, and its verdict may stand 400 words back.
_PLAIN: dict[str, dict[str, Any]] = {
    "imdb": {},
    "verdict": {"vocab_size": 2_000, "max_length": 400, "learning_rate": 1e-2, "verdict_distance": 0},
}
DATA_DEFAULTS: dict[str, dict[str, Any]] = {
    "imdb": {
        "vocab_size": 10_000,
        "max_length": 200,
        "hidden_size": 64,
        "label_odds": True,
        "excerpts": 0.5,
        "epochs": 2,
        "learning_rate": 8e-3,
    },
    "verdict": _PLAIN["verdict"],
}


def plain_config(data: str) -> RunConfig:
    """The settings without any ingredient, from which sweeps start and addresses say what differs.

    Results and links are kept by them, so they stay as they are when the defaults become better.
    """
    return RunConfig(data=data).with_settings(**_PLAIN.get(data, {}))


def default_config(data: str) -> RunConfig:
    """The settings an expert would start from on this corpus."""
    return RunConfig(data=data).with_settings(**DATA_DEFAULTS.get(data, {}))
