"""Wrong usage in words: which option, what was seen, what would work, and which help tells more."""

from __future__ import annotations

import re
from typing import Any

import typer
from typer.core import TyperCommand

from breachpattern.errors import UsageError

# What typer and what its older versions say of a number: of the words one is shown, with what would work.
WORDS = (
    (r"\binteger\b", "{seen!r} is no whole number.", "Write it in digits, such as 20000."),
    (r"\b(?:number|float)\b", "{seen!r} is no number.", "Write it in digits, such as 0.95."),
    (r"(?:greater than or equal to |range x>=)(?P<least>-?\d+)", "{seen} is too little.", "Give {least} or more."),
)


class Command(TyperCommand):
    """A command that says in the words of this library what is wrong with its arguments."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the arguments, or raise what is wrong with them.

        Raises
        ------
        UsageError
            Where an option has no value, or one that is no number.
        """
        help_of = f"Try: {ctx.command_path} --help"
        # `--as-of --out run` gives no instant: to take the next option for it would be told as something else.
        taking = {name: option for option in self.params for name in option.opts if _takes_value(option)}
        known = {name for option in self.params for name in option.opts if name.startswith("-")}
        for name, following in zip(args, [*args[1:], None], strict=False):
            if name == "--":
                break
            if name in taking and (following is None or following in known):
                metavar = taking[name].metavar or "VALUE"
                raise UsageError("It has no value.", where=name, hint=f"Write {name} {metavar}. {help_of}")
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            option = getattr(error, "param", None)
            if option is None or not hasattr(error, "format_message"):
                raise
            told = _told(str(getattr(error, "message", error)), _seen(given, option.opts))
            if told is None:
                raise
            raise UsageError(told[0], where=option.opts[-1], hint=f"{told[1]} {help_of}") from error


def in_words(app: typer.Typer) -> None:
    """Let every command of an application, and of those within it, say in words what is wrong with its arguments."""
    for command in app.registered_commands:
        command.cls = Command
    for group in app.registered_groups:
        if group.typer_instance is not None:
            in_words(group.typer_instance)


def _takes_value(option: Any) -> bool:
    return option.param_type_name == "option" and not option.is_flag and not option.count


def _seen(args: list[str], names: list[str]) -> str | None:
    """Return what was given to an option, the last time that it was.

    Examples
    --------
    >>> _seen(["--seed", "1", "--seed=x"], ["--seed"]), _seen([], ["--seed"])
    ('x', None)
    """
    seen = None
    for name, following in zip(args, [*args[1:], None], strict=False):
        if name in names:
            seen = following
        elif name.partition("=")[0] in names:
            seen = name.partition("=")[2]
    return seen


def _told(message: str, seen: str | None) -> tuple[str, str] | None:
    """Return what happened and what would work, none where nothing better than the message is known.

    Examples
    --------
    >>> _told("1 is not in the range x>=2.", "1")
    ('1 is too little.', 'Give 2 or more.')
    >>> _told("Something else.", "1") is None
    True
    """
    for pattern, what, hint in WORDS:
        found = re.search(pattern, message)
        if found and seen is not None:
            return what.format(seen=seen), hint.format(**found.groupdict())
    return None
