"""The options that several commands have: every setting of a run, the reviews, --json; standard input."""

import sys
from collections.abc import Callable, Iterable
from functools import cache
from inspect import Parameter
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, BinaryIO, Literal, TypeVar, get_args, get_origin

import click
from click.core import ParameterSource
from typing_extensions import override

from rnn_core.config.corpora import comes_with_the_app, kinds, offered_names
from rnn_core.config.effect import changed_in_vain
from rnn_core.config.run import RunConfig, all_settings
from rnn_core.config.setting import NONE, Setting, flag
from rnn_core.config.setting import option as setting_option
from rnn_core.errors import ConfigError
from rnn_core.refusals import shown

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


class OneOf(click.Choice[str]):
    """A choice of names that are asked for when it is used or shown: more may be registered by then."""

    case_sensitive = True

    def __init__(
        self,
        names: Callable[[], Iterable[str]],
        accepts: Callable[[str], bool] = lambda _name: False,
        given: Callable[[str], str] = str,
    ) -> None:
        """`accepts` says of a name that is not listed whether it will do, too.

        `given` returns the name for what was given in its place. Both may raise ConfigError.
        """
        self.names, self.accepts, self.given = names, accepts, given

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names as they are now."""
        return tuple(self.names())

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            name = self.given(str(value))
            return name if self.accepts(name) else super().convert(name, param, ctx)
        except ConfigError as error:
            self.fail(str(error), param, ctx)


class LateHelp(click.Option):
    """An option whose help is made when it is shown, since it lists what may be registered by then."""

    def __init__(self, *names: Any, help: Callable[[], str], **given: Any) -> None:
        super().__init__(*names, **given)
        self.make_help = help

    @override
    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        self.help = self.make_help()
        return super().get_help_record(ctx)


class Given:
    """Further values for click, in the annotation of a parameter; its help may be made when it is shown."""

    def __init__(self, help: str | Callable[[], str] = "", **more: Any) -> None:
        self.values: dict[str, Any] = more | ({"help": help} if help else {})
        if callable(help):
            self.values["cls"] = LateHelp


def argument(name: str, kind: Any, default: Any, more: dict[str, Any]) -> Callable[[Command], Command]:
    """The decorator for an argument: without a default it is required, of a tuple it may be repeated."""
    many, of = _many_of(kind)
    given = {"type": of, "required": default is Parameter.empty, "nargs": -1 if many else 1}
    return click.argument(name, **given | more)


def option(
    name: str, kind: Any, default: Any, more: dict[str, Any], *names: str
) -> Callable[[Command], Command]:
    """The decorator for an option: a bool is a flag, a default is shown where it says something."""
    many, of = _many_of(kind)
    given: dict[str, Any] = {"type": of, "multiple": many}
    if default is Parameter.empty:
        given["required"] = "default" not in more
    else:
        given |= {"default": default, "show_default": bool(default) and of is not bool}
    names = names or (setting_option(name),)
    if of is bool:
        given["is_flag"] = True
        names = (f"{names[0]}/{flag(name, False)}",) if default is True else names
    return click.option(*names, name, **given | more)


def _many_of(kind: Any) -> tuple[bool, Any]:
    """True for a tuple of any length, and what click makes of one value."""
    if get_origin(kind) is UnionType:
        [kind] = (one for one in get_args(kind) if one is not NoneType)
    many = get_origin(kind) is tuple and get_args(kind)[-1] is Ellipsis
    kind = get_args(kind)[0] if many else kind
    if get_origin(kind) is tuple:
        kind = get_args(kind)
    if get_origin(kind) is Literal:
        kind = click.Choice(get_args(kind))
    return many, click.Path(path_type=Path) if kind is Path else kind


def corpus_name(value: str) -> str:
    """The name of a corpus that is there: one that comes with the app, or one of the user's own."""
    try:
        is_there = value in offered_names() or comes_with_the_app(value)
    except ConfigError as error:
        raise click.BadParameter(str(error)) from error
    if not is_there:
        raise click.BadParameter(
            f"{shown(value)} is not one of {', '.join(offered_names())}. A corpus of your own is added with "
            "`data add`."
        )
    return value


def corpus_option(help: Callable[[], str]) -> Given:
    """The option of a corpus that is there."""
    return Given(help, type=corpus_name, metavar="NAME")


Reviews = Annotated[
    str,
    corpus_option(
        lambda: f"Which texts: {', or '.join(dict.fromkeys(kind.offer for kind in kinds().values()))}."
    ),
]
"""The option --data."""
which_reviews = option("data", str, "imdb", get_args(Reviews)[1].values)


def add_settings(start_from: Callable[[str], RunConfig]) -> Callable[[Command], Command]:
    """Give a command an option for every setting, None unless given; `start_from` has the defaults."""

    known = cache(start_from)

    def decorate(command: Command) -> Command:
        for name, setting in reversed(all_settings().items()):
            command = _option(name, setting, known)(command)
        return command

    return decorate


def _option(
    name: str, setting: Setting, start_from: Callable[[str], RunConfig]
) -> Callable[[Command], Command]:
    def help() -> str:
        held = {kind: _defaults(start_from, kind, name) for kind, of in kinds().items() if of.is_shipped}
        one, *others = {value for values in held.values() for value in values}
        of_kinds = [f"{_span(values)} for {kind}" for kind, values in held.items()]
        said = ", ".join(of_kinds) if others else _shown(one)
        return f"{setting.help} [default: {said}]"

    more: dict[str, Any] = {"cls": LateHelp, "help": help}
    if setting.choices:
        more["type"] = OneOf(
            lambda: map(setting.typed, setting.choices),
            lambda name: setting.meant(name) in setting.choices,
            setting.given,
        )
    elif setting.kind is str:
        more["callback"] = lambda _context, _option, value: "" if value == NONE else value
    names = [f"{flag(name, True)}/{flag(name, False)}"] if setting.kind is bool else []
    return option(name, setting.kind, None, more, *names)


def _defaults(start_from: Callable[[str], RunConfig], kind: str, name: str) -> set[Any]:
    """The different defaults of a setting on the corpora of a kind that comes with the app."""
    return {start_from(data).values()[name] for data in kinds()[kind].offered()}


def _span(values: set[Any]) -> str:
    """The least and the greatest of some defaults, or the only one."""
    return " to ".join(dict.fromkeys(map(_shown, (min(values), max(values)))))


def _shown(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value) or NONE


def argument_name(name: str) -> str:
    """Return the user's name of an argument of the command at work: --weakness, TEXT."""
    parameters = click.get_current_context().command.params
    [parameter] = [one for one in parameters if one.name == name]
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name


def say_changed_in_vain(configs: Iterable[RunConfig], usual: RunConfig) -> None:
    """Say on standard error which settings, given by hand, change nothing in any of these runs, and why."""
    in_vain = [changed_in_vain(config, usual) for config in configs]
    for name in in_vain[0]:
        if all(name in why for why in in_vain):
            whys = dict.fromkeys(why[name] for why in in_vain)
            click.echo(f"{setting_option(name)} has no effect: {' '.join(whys)}", err=True)


def refuse_without_effect(why: str, *names: str) -> None:
    """Raise UsageError where one of these options of the command at work was given, which has none then."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{argument_name(name)} has no effect {why}: leave it out.")


def read_text(text: str) -> str:
    """The text itself, or standard input for `-`, CRLF as newline; what is no UTF-8 there is refused."""
    if text != "-":
        return text
    try:
        return standard_input().read().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"Standard input is no UTF-8 text: {error}.") from error


def standard_input() -> BinaryIO:
    """Standard input as bytes; one that was closed is refused."""
    if sys.stdin is None:
        raise click.UsageError("There is no standard input to read: it is closed.")
    return sys.stdin.buffer
