"""A run as the page shows it, a new look every second; before the first, how a pretrained model learned."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared import settings
from pages.components.shared.assets import current_theme
from pages.components.shared.baselines import baseline_lines, baselines_in_words, offer_baselines
from pages.components.shared.cost import expected_seconds
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from pages.components.shared.histories import ReadSoFar, named_apart, read_so_far, show_written
from pages.components.shared.model_picker import load_usual, model_title
from pages.components.shared.run_curves import (
    CURVES_VIEW,
    INSIDE_VIEW,
    VIEWS,
    choose_run_view,
    show_curves,
    show_inside,
)
from pages.components.shared.went_wrong import saying
from pages.components.train.disk import show_unreadable
from pages.components.train.run_choice import choose_run, runs_beside
from pages.components.train.run_controls import resume_button, run_controls, stop_button
from pages.components.train.run_list import show_comparison
from pages.components.train.start import show_diagnoses
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import TASKS
from rnn_core.config.words import recipe_in_words, replacement_in_words
from rnn_core.errors import ModelFolderError, RunError, UnknownRunError, UnreadableRunError
from rnn_core.figures.looks import colours_of_runs
from rnn_core.models.catalogue import ModelEntry, list_models
from rnn_core.models.folder import WEIGHTS
from rnn_core.models.model import KeptModel
from rnn_core.progress import duration, roughly
from rnn_core.runs import queue
from rnn_core.runs.naming import setting_details
from rnn_core.runs.run import DIVERGED, FAILED, FINISHED, INTERRUPTED, QUEUED, STOPPED, Run
from rnn_core.runs.store import Store
from rnn_core.tasks.task import task_of
from rnn_core.training.history import History, history
from rnn_core.training.records import Record, read_history


def show_run_view(store: Store, runs: Sequence[Run], run: Run, of_form: RunConfig | None) -> None:
    """Draws a run; `runs` are those to choose from, `of_form` are the settings of the next one."""
    beside = runs_beside(runs, run)

    @st.fragment(run_every=1.0 if run.active else None)
    @saying(RunError)
    def panel() -> None:
        # Here and not around the call: a timer runs the fragment alone.
        try:
            _show_run(store, run, beside)
        except UnknownRunError:  # deleted meanwhile, here or elsewhere
            st.rerun()
        except UnreadableRunError as error:
            show_unreadable(run.title, error, "Its other parts stay as they are; *Delete* is below.")

    with st.container(key="train_run"):
        with st.container():  # so that what is open below stays open, however much stands in it
            _show_settings(run, of_form)
        panel()
        offer_baselines(run.config)
        choose_run(store, runs, run)
        show_comparison(store, [run, *beside])


_STATE_BOX = "run_state"  # of one height whatever stands in it, so that the charts below stay where they are
_NAMED = 3  # settings that differ; of more, the others are behind a button


def _show_settings(run: Run, of_form: RunConfig | None) -> None:
    config, name, detail = run.config, literal(run.title), literal(setting_details(run.config))
    if of_form is not None and of_form.data == config.data and not config.differences(of_form):
        st.caption(f"The charts show **{name}**: {detail}. The form has the same settings.")
    else:
        which = "show another run than the form" if of_form is not None else "show"
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/info: **The charts {which}:** {name}", width="content", help=f"{detail}.")
            st.button(
                "Use its settings",
                icon=":material/tune:",
                key="use_its_settings",
                type="tertiary",
                on_click=settings.fill,
                args=(config,),
                help="Fill the form with what this run was trained with.",
            )
        if of_form is not None:
            _show_differences(config, of_form)
    if gone := config.corpus.why_gone(config.identity):
        st.caption(f":material/folder_off: {literal(gone)}")


def _show_differences(config: RunConfig, of_form: RunConfig) -> None:
    """Say in what the form differs from a run: the first settings in a sentence, all behind a button."""
    others, texts = config.differences(of_form), (of_form.corpus.title, config.corpus.title)
    said = [" in place of ".join(map(literal, texts))] if config.data != of_form.data else []
    said += [
        literal(replacement_in_words(name, value, others[name], config.corpus.nouns))
        for name, value in of_form.differences(config).items()
    ]
    named = _NAMED if len(said) > _NAMED + 1 else len(said)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"The form has {'; '.join(said[:named])}.", width="content")
        if said[named:]:
            with st.popover(f"All {len(said)} differences", type="tertiary"):
                st.markdown("\n".join(f"- {one}" for one in said))


def _show_run(store: Store, run: Run, beside: Sequence[Run]) -> None:
    now = store.runs.get(run.id)
    if now.active != run.active:
        st.rerun()
    if now.state == QUEUED:
        queue.start_next(store)
    read = read_so_far(store, now)
    _show_state(store, now, read)
    beside, others = _readable(store, now, beside)
    shown = [now, *beside]
    histories = named_apart([read.history, *others], shown)
    colours = colours_of_runs([run.config for run in shown])
    titles, kept = [run.title for run in shown], {"persist_state": "session"}
    view = choose_run_view("What to watch", VIEWS, "run_view", histories, colours, titles, **kept)
    if view == CURVES_VIEW:
        epochs = now.config.training.epochs if now.active or not now.optimizer_step else 0
        task = task_of(now.config)
        lines = (
            baseline_lines([now.config.corpus], f"validation_{task.score.field}") if task.counted_by else {}
        )
        of_lines = baselines_in_words(now.config) if task.counted_by else ""
        if (truth := task.truth(now.config)) is not None:
            lines, of_lines = {"the truth": truth}, task.words.truth
        guessing = task.guess(now.config)
        configs = [run.config for run in shown]
        show_curves(histories, configs, run.id, epochs, lines, of_lines, guessing, colours)
        if read.history.written:
            st.markdown("**While it learned.** What it wrote by itself, the newest on top.")
            show_written(read.history, now.config.corpus.nouns.texts)
    elif view == INSIDE_VIEW:
        show_inside(shown, histories, colours, current_theme())


def _readable(store: Store, of: Run, beside: Sequence[Run]) -> tuple[list[Run], list[History]]:
    """The runs of these that can be read beside one, and their curves; of each other one a sentence."""
    runs, histories = [], []
    for run in beside:
        if run.config.task != of.config.task:
            label = TASKS[run.config.task].label
            st.info(f"{literal(run.title)} was trained for {label}, so its curves can't be laid over these.")
            continue
        try:
            histories.append(read_so_far(store, run).history)
            runs.append(run)
        except UnreadableRunError as error:
            show_unreadable(run.title, error, "The curves of the others are drawn.")
    return runs, histories


def _show_state(store: Store, run: Run, read: ReadSoFar) -> None:
    with st.container(key=_STATE_BOX):
        if run.state == QUEUED:
            _show_waiting(store, run)
        elif run.active:
            run_controls(store, run)  # above: what a button says of itself must not cover what the run does
            st.progress(run.progress, text=_progress_text(run, read))
        else:
            _show_end(store, run)
        show_diagnoses(store, run, read.history)


def _show_waiting(store: Store, run: Run) -> None:
    def seconds_left(other: Run) -> float | None:
        """Estimate by its records, at first by a measured batch; None while it pauses."""
        if other.paused:
            return None
        by_records = read_so_far(store, other).seconds_left if other.optimizer_step else None
        return expected_seconds("run", [other.config])[0] if by_records is None else by_records

    position = queue.position(store, run.id)
    text, button = st.columns([4, 1], vertical_alignment="center")
    when = queue.begins_in(store.runs.active(), run.id, store.turns.at_once(), seconds_left)
    if position.ahead == 0 or when == 0:
        text.info(
            "Starting: a process of its own begins. It reads the texts, encodes them and learns from a first "
            "batch.",
            icon=":material/hourglass_top:",
        )
    else:
        behind = f", after {literal(position.behind.title)}" if position.behind else ""
        others = "1 run is" if position.ahead == 1 else f"{position.ahead} runs are"
        begins = f" It begins in about {roughly(when)}." if when is not None else ""
        text.info(f"Waiting its turn: {others} ahead{behind}.{begins}", icon=":material/hourglass_top:")
    with button:
        stop_button(store, run, "Take it out")


def _progress_text(run: Run, read: ReadSoFar) -> str:
    if run.is_ending:
        return f"**{literal(run.title)}**: {literal(run.message)}. *Stop* ends it without a score."
    if not run.total_steps or not run.optimizer_step:
        return f"**{literal(run.title)}**: {literal(run.message)}"
    if run.paused:
        return f"**{literal(run.title)}**: {_paused_words(run, read)}"
    epochs = run.config.training.epochs
    epoch = min(run.optimizer_step * epochs // run.total_steps + 1, epochs)
    parts = [
        f"**{literal(run.title)}**: {literal(run.message)}",
        f"epoch {epoch} of {epochs}",
        f"optimizer step {run.optimizer_step:,} of {run.total_steps:,}",
    ]
    if (pace := read.tokens_per_second) is not None:
        parts.append(f"{pace:,.0f} tokens/s")
    if read.seconds_left:
        parts.append(f"**{duration(read.seconds_left)} left**")
    return " · ".join(parts)


def _paused_words(run: Run, read: ReadSoFar) -> str:
    """Says where a run waits, and the result of its last optimizer step; how long is up to the user."""
    paused = f"paused after optimizer step {run.optimizer_step:,} of {run.total_steps:,}"
    if not read.last:
        return paused
    step = read.last[-1]
    rate = f", learning rate {step.learning_rate:.3g}" if step.learning_rate is not None else ""
    task = task_of(run.config)
    batch = task.words.batch.format(value=f"{step.score:{task.score.number}}", title=task.score.name)
    loss = f"loss {step.loss:.3f}, " if task.draws_loss else ""
    return f"{paused} · its batch: {loss}{batch}{rate}"


def _show_end(store: Store, run: Run) -> None:
    message = literal(run.message)
    has_weights = (store.folder(run.id) / WEIGHTS).exists()
    kept = " Its model can be read." if has_weights and task_of(run.config).can_be_read else ""
    name = f"**{literal(run.title)}**"
    ended = "finished." if run.message in ("", "Finished") else message
    box, icon, said = {
        FINISHED: (st.success, "check_circle", f"{name}: {ended}{_right_words(run)}"),
        STOPPED: (st.info, "stop_circle", f"{name}: {message}{_right_words(run)}{kept}"),
        DIVERGED: (st.info, "trending_up", f"{name} ended early: its numbers are no longer finite."),
        INTERRUPTED: (st.warning, "power_off", f"{name} was interrupted. {message}{kept}"),
        FAILED: (st.error, "error", f"{name} failed. {message}"),
    }[run.state]
    box(said, icon=f":material/{icon}:")
    if store.turns.can_go_on(run):
        resume_button(store, run)


def _right_words(run: Run) -> str:
    task = task_of(run.config)
    if not (said := task.result_in_words(run.config, run.scores)):
        return ""
    return f" {said} (recipe: {recipe_in_words(run.config)}). {task.further_in_words(run.scores)}".rstrip()


def show_first_picture() -> None:
    """The curves of a pretrained model, said to be such; an invitation where there is none."""
    model, records = _first_with_records([entry for entry in list_models() if entry.is_pretrained])
    if model is None:
        says = (
            "Nothing was trained here yet. Start a training, and its curves of loss and accuracy grow here."
        )
        st.info(explained(says, "invitation"), icon=":material/show_chart:")
        return
    with st.container(key=_STATE_BOX):
        right, recipe = "", recipe_in_words(model.config)
        if accuracy := model.scores.get("accuracy"):
            right = f" It is right on **{accuracy:.1%}** of the test reviews (recipe: {recipe})."
        name = literal(model_title(model.folder))
        st.info(
            "Nothing was trained here yet, so the charts show another network than the form: "
            f"**{name}**, which comes with the app.{right} Start a training, and its own curves grow here.",
            icon=":material/show_chart:",
        )
    lines = baseline_lines([model.config.corpus], "validation_accuracy")
    of_lines = baselines_in_words(model.config)
    show_curves([history(model.name, records)], [model.config], model.name, lines=lines, of_lines=of_lines)


def _first_with_records(entries: Sequence[ModelEntry]) -> tuple[KeptModel | None, list[Record]]:
    """The model to begin with, or the next one whose training can be shown; none where there is none."""
    # This one learned from whole reviews alone. Snippets and composed sentences are harder than what it is
    # validated on, and training accuracy would stay below validation accuracy.
    model = load_usual(entries, ("gru",))
    if model is None:
        return None, []
    records: list[Record] = []
    with saying(ModelFolderError, icon=":material/broken_image:"):
        records = read_history(model.folder, model.config.model.variant)
    others = [entry for entry in entries if entry.folder != model.folder]
    return (model, records) if records else _first_with_records(others)
