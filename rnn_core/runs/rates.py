"""The learning rate of a run at work: the one in force, and what becomes of it."""

from rnn_core.runs.command import rate_changes
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store
from rnn_core.training.schedule import Outlook


def takes_steps(run: Run) -> bool:
    """Whether a run at work is between its first optimizer step and its last one."""
    return 0 < run.optimizer_step < run.total_steps and not run.is_ending


def outlook(store: Store, run: Run) -> Outlook:
    """The rates of a run that takes steps, with all that was commanded until now."""
    return Outlook(
        run.config.training, run.total_steps, run.optimizer_step, rate_changes(store.commands.taken(run.id))
    )
