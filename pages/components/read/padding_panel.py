"""The padding lab: one text filled up in front, behind and not at all, and what that costs."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.components.read.panels import gives_verdict, panel
from pages.components.read.readings import Reading
from pages.components.shared.format import literal
from pages.components.shared.model_picker import BY_FILES, model_names
from pages.components.shared.panel_chart import folded, panel_chart
from rnn_core.figures.colours import Theme
from rnn_core.figures.in_words import padding_in_words
from rnn_core.figures.read_panels import padded_states
from rnn_core.figures.text import percent, shorten
from rnn_core.inspection.tables import padding_table
from rnn_core.inspection.what_if import ROUNDS, PaddingCase, padding_lab
from rnn_core.tasks.classes import probabilities_of

_SIDES = {"pre": "front", "post": "end"}
_NONE = "—"  # short: a cell is as wide as its number


_read_eight_times = st.cache_data(max_entries=8, show_spinner="Reading it eight times", hash_funcs=BY_FILES)(
    padding_lab
)


@panel("Padding", "What does padding do to the verdict?", needs=gives_verdict)
def show_padding_lab(reading: Reading, time: int, theme: Theme) -> None:
    """States side by side, and all eight cases in numbers. The text must have a word."""
    model, name = reading.model, reading.followed
    cases = _read_eight_times(model, reading.text, reading.trace.followed, reading.trace.layer)
    own = model.config.text.truncation
    skipped, front, behind = (
        next(case for case in cases if case.truncation == own and (case.skip_padding, case.padding) == wanted)
        for wanted in ((True, "pre"), (False, "pre"), (False, "post"))
    )
    shown = {"padding skipped": skipped, "read, at the front": front, "read, at the end": behind}
    followed = reading.followed_in_words
    before, after = (float(probabilities_of(x)) for x in (behind.logit_before, behind.logit_after))
    panel_chart(
        padded_states(
            names=list(shown),
            states=[case.trace.arrays["h"] for case in shown.values()],
            pads=[case.pads for case in shown.values()],
            theme=theme,
        ),
        key="padded_states",
        alt="The hidden states of the same text without padding, with it at the front and at the end.",
        table=lambda: padding_table(shown),
        saved_as=f"gatescope-{model.name}-padding",
        says=padding_in_words(behind.padding_share, before, after, name),
    )
    if behind.padding_share:
        folded("The same in front, skipped, and what it costs").markdown(
            f"Padding that is read at the end takes **{behind.padding_share:.0%}** of the time steps, and "
            f"the verdict goes from {percent(before)} to **{percent(after)}** {followed} on the way. With "
            f"the padding at the front, it ends at **{percent(front.trace.probability)}** {followed}; with "
            f"the padding skipped, at **{percent(skipped.trace.probability)}** {followed}. With the padding "
            f"at the end, the window takes **{behind.milliseconds:.1f} ms** to read, with the padding "
            f"skipped **{skipped.milliseconds:.1f} ms**."
        )
    _show_cases(cases, shorten(name, 24))
    st.caption(
        f"{literal(*model_names([model]))} as it was trained; only the window changes. Shaded: padding. "
        f"{_NONE}: no padding is read. Milliseconds to read the whole window: the median of {ROUNDS} "
        "readings on this machine."
    )


def _show_cases(cases: Sequence[PaddingCase], short: str) -> None:
    before_padding, after_padding, end = (
        f"{short} {when}" for when in ("before padding", "after padding", "in the end")
    )
    rows = [
        {
            "padding": _SIDES[case.padding],
            "cut": _SIDES[case.truncation],
            "padding is": "skipped" if case.skip_padding else "read",
            "time steps": len(case.trace.logits),
            "of them padding": case.padding_share,
            before_padding: float(probabilities_of(case.logit_before)),
            after_padding: float(probabilities_of(case.logit_after)),
            end: case.trace.probability,
            "change of h": float(case.drift[-1]) if len(case.drift) else None,
            "ms": case.milliseconds,
        }
        for case in cases
    ]
    shares = ("of them padding", before_padding, after_padding, end)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder=_NONE,
        column_config={
            **dict.fromkeys(shares, st.column_config.NumberColumn(format="percent")),
            "ms": st.column_config.NumberColumn(format="%.1f"),
            "change of h": st.column_config.NumberColumn(
                format="%.2f", help="How far h lies, after padding that is read, from where it was before."
            ),
        },
        alt="All eight ways to cut and fill up this text.",
    )
