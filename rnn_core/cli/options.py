"""The options that several commands have: one for every setting of a run, the reviews, --json."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from rnn_core.config.run import DATA_SOURCES, all_settings
from rnn_core.config.setting import Setting, flag, option

Command = TypeVar("Command", bound=Callable[..., Any])


def _refuse_closed_output(_context: click.Context, _option: click.Parameter, as_json: bool) -> bool:
    """Refuse to begin where a machine waits for an answer that would be lost."""
    if as_json and sys.stdout is None:
        raise click.ClickException("There is no standard output to write to: it is closed.")
    return as_json


as_json = click.option(
    "--json",
    "as_json",
    is_flag=True,
    callback=_refuse_closed_output,
    help="One JSON value on standard output.",
)
which_reviews = click.option(
    "--data", type=click.Choice(DATA_SOURCES), default="imdb", show_default=True, help="Which reviews."
)


def with_settings(command: Command) -> Command:
    """Give a command an option for every setting of a run; those not given arrive as None."""
    for _, name, setting in reversed(list(all_settings())):
        command = _option(name, setting)(command)
    return command


def _option(name: str, setting: Setting) -> Callable[[Command], Command]:
    help = f"{setting.help} [default: {_shown(setting.default)}]"
    if setting.kind is bool:
        return click.option(f"{flag(name, True)}/{flag(name, False)}", default=None, help=help)
    kind = click.Choice(setting.choices) if setting.choices else setting.kind
    return click.option(option(name), type=kind, help=help)


def _shown(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def as_typed(name: str) -> str:
    """What a user calls an argument of the command at work: --weakness, TEXT."""
    parameters = click.get_current_context().command.params
    [parameter] = [one for one in parameters if one.name == name]
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name


def refuse_without_effect(why: str, *names: str) -> None:
    """Raise UsageError where one of these options of the command at work was given, which has none then."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{as_typed(name)} has no effect {why}: leave it out.")
