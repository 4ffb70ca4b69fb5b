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
        between=(2, 1_000_000),
        steps=(2, *FEW, 500, 1_000, 2_000, 5_000, 10_000, DEFAULT_IMDB_REVIEWS),
    )
    """Training {texts}. At most how many {texts} to learn from, after the validation {texts} were set aside.
    Fewer is faster and learns less.
    """
    excerpts: float = setting(0.0, between=(0.0, 1.0))
    """Excerpts. Share of the {texts} of an epoch of which only a part is read, each time another one, of any
    length from six words on. So the network sees short text of real people, too.
    """
    snippets: int = setting(
        0, between=(0, 1_000_000), steps=(0, 100, 1_000, 5_000, 10_000, 20_000, 40_000, 80_000), zero=NONE
    )
    """Short parts of {texts}. So many of them, of 5 to 40 words each, are added to each epoch. They keep the
    network used to short text of real people, above all beside composed sentences.
    """
    composed: int = setting(
        0, between=(0, 1_000_000), steps=(0, 2_000, 5_000, 10_000, 20_000, 40_000, 80_000), zero=NONE
    )
    """Composed sentences. This many short sentences, written by patterns, are added to each epoch: negations,
    turns, comparisons, each with its verdict. They teach what {texts} alone hardly show: what a word such as
    "not" does to "bad".
    """
    epochs: int = setting(4, between=(1, 1_000))
    """Epochs. How often the network sees each training {text}."""
    batch_size: int = setting(64, between=(1, 4_096))
    """Batch size. {Texts} per optimizer step. Larger is steadier and takes fewer optimizer steps."""
    optimizer: str = setting("adamw", choices=("adamw", "adam", "sgd"))
    """Optimizer. How a gradient becomes a change of the weights."""
    learning_rate: float = setting(3e-3, between=(1e-7, 100.0))
    """Learning rate. How far an optimizer step moves the weights, at the highest point of the schedule. Too
    small: nothing is learned. Too large: it diverges.
    """
    schedule: str = setting("one-cycle", choices=("constant", "cosine", "one-cycle"))
    """Schedule. How the learning rate changes: not at all, down along a cosine, or up and down again (one
    cycle; Smith and Topin, 2018).
    """
    weight_decay: float = setting(0.01, between=(0.0, 10.0))
    """Weight decay. Pull of every weight towards zero."""
    clip_norm: float = setting(1.0, between=(0.0, 1e6))
    """Clip gradients at. A longer gradient is shortened to this norm, which keeps one bad batch from wrecking
    the network. 0 turns it off.
    """
    label_smoothing: float = setting(0.0, between=(0.0, 0.5))
    """Label smoothing. How far the target moves from certainty towards the same share for each class: with
    0.1 and two classes the network is to say 95 %, not 100 % (Szegedy et al., 2016).
    """
    class_weights: str = setting("off", choices=("off", "balanced"))
    """Class weights. How much the loss of a text counts: each as much as the next one, or balanced, so that
    all classes count alike together. Balanced helps a rare class to be found, at the cost of the frequent
    ones.
    """
    teachers: str = setting(
        "",
        says=lambda help: help % MOST_TEACHERS,
        pattern=rf"({NETWORK_NAME}(\+{NETWORK_NAME}){{0,{MOST_TEACHERS - 1}}})?",
        form=f"at most {MOST_TEACHERS} names of networks with + between them",
    )
    """Teachers. Names of trained networks with + between them, %d at most. The network learns their mean
    answer to each text beside its label, so that it ends with what several know (distillation; Hinton et al.,
    2015). They must have learned from these {texts} with the seed of this run. With each of them a training
    takes about a third longer.
    """
    teachers_share: float = setting(0.7, between=(0.0, 1.0))
    """Share of the teachers. How much of the target is the answer of the teachers; the rest is the label."""
    adversarial: float = setting(0.0, between=(0.0, 100.0))
    """Adversarial perturbation. Length of a push on the word vectors of each {text}, in the direction that
    misleads the network most; it learns from the pushed {text} as well (Miyato et al., 2017). 0 turns it off.
    Takes twice the time.
    """
    weight_averaging: float = setting(0.0, between=(0.0, 0.99999))
    """Weight averaging. Decay of a running average of the weights, which is then what is evaluated and kept.
    0 turns it off.
    """
    evaluations_per_epoch: int = setting(4, between=(1, 100))
    """Evaluations per epoch. How often the validation {texts} are scored in an epoch."""
    patience: int = setting(0, between=(0, 1_000))
    """Early stop after. Stop when this many evaluations in a row brought no better validation accuracy. 0
    never stops.
    """
    keep: str = setting("best", choices=("best", "last"))
    """Weights kept. The weights that did best on the validation {texts}, or those at the end of the training.
    """
    seed: int = setting(0, between=(0, 2**31 - 1))
    """Seed. Where the random numbers start: weights, order, dropout, validation {texts}. The same seed
    repeats the run exactly, on the same machine with the same number of threads.
    """
    threads: int = setting(0, between=(0, 1_024))
    """Threads. Processor threads for the training. 0 takes all cores but one."""
    exact: bool = setting(False)
    """Keep the threads. Keeps their number. Otherwise it goes on with one where other programs make several
    slower, and the run's history says so: another number rounds differently.
    """
    device: str = setting("auto", choices=("auto", "cpu", "cuda"))
    """Device. Where it computes; auto takes a GPU where there is one."""
    precision: str = setting("float32", choices=("float32", "bfloat16"))
    """Precision. Of what the network multiplies while it learns: float32 has 24 binary digits; bfloat16 has 8
    and is faster where the processor has instructions for it, else mostly slower. Sums, states, weights,
    small products and all evaluations stay in float32. A GPU takes float32 only.
    """
