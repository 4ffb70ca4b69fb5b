"""The settings of how a text becomes token ids."""

from dataclasses import dataclass

from rnn_core.config.setting import FEW, Settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class TextConfig(Settings):
    """The way of a review to token ids."""

    vocab_size: int = setting(
        5_000,
        between=(4, 200_000),
        steps=(4, *FEW, 500, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000, 50_000),
    )
    """Vocabulary size. How many different tokens the network can tell apart, the three special ones included.
    Every rarer word becomes <unk>.
    """
    max_length: int = setting(
        256, between=(1, 5_000), steps=(2, 4, 8, 16, 32, 64, 100, 128, 200, 256, 300, 400, 512, 800, 1_200)
    )
    """Maximum length. How many tokens the network reads of a {text} at most, <start> included. The rest is
    cut, unless it reads all of a {text} in windows of this length.
    """
    windows: str = setting("first", choices=("first", "all", "carried"))
    """Windows. How the network reads a {text} that is longer than the maximum length: its first tokens only;
    all of it in windows of that length, each begun with the first state; or all of it with the state carried
    from window to window, detached (truncated back-propagation through time, "stateful" in Keras).
    """
    truncation: str = setting("pre", choices=("pre", "post"))
    """Truncation side. Which side of a long {text} is cut: its front (pre) or its end (post). The verdict of
    a {text} often stands last.
    """
    padding: str = setting("pre", choices=("pre", "post"))
    """Padding side. Where a short {text} is filled up: in front of its first word (pre) or at its end (post).
    It only matters when padding is read.
    """
    start_token: bool = setting(True)
    """Start token. Whether each {text} begins with <start>. It takes one place of the maximum length."""
    skip_padding: bool = setting(True)
    """Skip padding. Whether the network stops at a {text}'s last word. When off, it computes on the padding
    as if it were text.
    """
    verdict_distance: int = setting(
        0, between=(0, 4_000), steps=(0, 10, 25, 50, 100, 200, 400, 800), zero="as they come"
    )
    """Words after the verdict. Verdict corpus only: each {text} has one verdict and exactly this many words
    of plot after it, so the network must remember it that long. 0 takes the {texts} as they come, of every
    kind.
    """

    @property
    def reads_all(self) -> bool:
        """True if no text is cut at the maximum length, which is then that of a window."""
        return self.windows != "first"
