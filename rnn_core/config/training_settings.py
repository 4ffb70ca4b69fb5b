"""The settings of a training."""

from dataclasses import dataclass

from rnn_core.config.setting import FEW, NONE, Settings, setting

DEFAULT_IMDB_REVIEWS = 25_000
NETWORK_NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,99}"
MOST_TEACHERS = 6
OF_THE_MACHINE = ("threads", "exact", "device", "precision")
"""The settings that say only where and how fast a run computes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig(Settings):
    """The settings of the training."""

    reviews: int = setting(
        DEFAULT_IMDB_REVIEWS,
        "Training {texts}",
        "At most how many {texts} to learn from, after the validation {texts} were set aside. "
        "Fewer is faster and learns less.",
        between=(2, 1_000_000),
        steps=(2, *FEW, 500, 1_000, 2_000, 5_000, 10_000, DEFAULT_IMDB_REVIEWS),
    )
    excerpts: float = setting(
        0.0,
        "Excerpts",
        "Share of the {texts} of an epoch of which only a part is read, each time another one, of any length "
        "from six words on. So the network sees short text of real people, too.",
        between=(0.0, 1.0),
    )
    snippets: int = setting(
        0,
        "Short parts of {texts}",
        "So many of them, of 5 to 40 words each, are added to each epoch. They keep the network "
        "used to short text of real people, above all beside composed sentences.",
        between=(0, 1_000_000),
        steps=(0, 100, 1_000, 5_000, 10_000, 20_000, 40_000, 80_000),
        zero=NONE,
    )
    composed: int = setting(
        0,
        "Composed sentences",
        "This many short sentences, written by patterns, are added to each epoch: negations, turns, "
        "comparisons, each with its verdict. They teach what {texts} alone hardly show: what a word such as "
        '"not" does to "bad".',
        between=(0, 1_000_000),
        steps=(0, 2_000, 5_000, 10_000, 20_000, 40_000, 80_000),
        zero=NONE,
    )
    epochs: int = setting(4, "Epochs", "How often the network sees each training {text}.", between=(1, 1_000))
    batch_size: int = setting(
        64,
        "Batch size",
        "{Texts} per optimizer step. Larger is steadier and takes fewer optimizer steps.",
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
        "mean answer to each text beside its label, so that it ends with what several know (distillation; "
        "Hinton et al., 2015). They must have learned from these {texts} with the seed of this run. With "
        "each of them a training takes about a third longer.",
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
        "Length of a push on the word vectors of each {text}, in the direction that misleads the network "
        "most; it learns from the pushed {text} as well (Miyato et al., 2017). 0 turns it off. Takes twice "
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
        "How often the validation {texts} are scored in an epoch.",
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
        "The weights that did best on the validation {texts}, or those at the end of the training.",
        choices=("best", "last"),
    )
    seed: int = setting(
        0,
        "Seed",
        "Where the random numbers start: weights, order, dropout, validation {texts}. The same seed repeats "
        "the run exactly, on the same machine with the same number of threads.",
        between=(0, 2**31 - 1),
    )
    threads: int = setting(
        0, "Threads", "Processor threads for the training. 0 takes all cores but one.", between=(0, 1_024)
    )
    exact: bool = setting(
        False,
        "Keep the threads",
        "Keeps their number. Otherwise it goes on with one where other programs make several slower, and the "
        "run's history says so: another number rounds differently.",
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
