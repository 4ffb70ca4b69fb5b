"""What must hold of all runs of a sweep before the first begins."""

from rnn_core.errors import ConfigError, SweepError
from rnn_core.sweeps.sweep import Sweep
from rnn_core.training.teachers import check_teachers


def check_runs(sweep: Sweep, address: str = "") -> None:
    """Raises SweepError where a run names a teacher that it can't have, or a cell that no worker can find.

    On a cluster, which has an address, no run can have teachers: networks stay on the machine that trained
    them.
    """
    for point in sweep.points():
        if point.config.teachers and address:
            raise SweepError(
                "Runs with teachers train on this machine alone: leave the cluster out, or the teachers."
            )
        try:
            point.config.model.declared.check_for_workers()
            check_teachers(point.config)
        except ConfigError as error:
            raise SweepError(f"The run with seed {point.seed} can't begin. {error}") from error
