"""Options that several commands share."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from kbsearch.bootstrap import open_knowledge
from kbsearch.cli.output import log_to_stderr, say
from kbsearch.errors import InvalidInput, StorageError
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import TenantId
from kbsearch.settings import Settings
from kbsearch.store.acting import acting
from kbsearch.store.sqlite.files import has_store

_Command = TypeVar("_Command", bound=Callable[..., Any])


class TenantType(click.ParamType[TenantId]):
    """A tenant id."""

    name = "tenant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> TenantId:
        try:
            return TenantId(value)
        except InvalidInput as error:
            self.fail(error.detail, param, ctx)


def data_option(command: _Command) -> _Command:
    return click.option(
        "--data",
        "data_dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="The data folder (KBSEARCH_DATA_DIR).",
    )(command)


def tenant_option(command: _Command) -> _Command:
    return click.option(
        "--tenant",
        type=TenantType(),
        default="default",
        show_default=True,
        help="The tenant; `shared` belongs to every tenant.",
    )(command)


def json_option(command: _Command) -> _Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(command)


def settings(**given: Any) -> Settings:
    """The settings from the environment, what was given on the command line before it.

    Raises InvalidInput naming the variable.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"])
        raise InvalidInput("", f"KBSEARCH_{name.upper()}: {first['msg']}") from None


def existing(**given: Any) -> Settings:
    """settings(), for a command that needs a knowledge base to be there: a mistyped folder must not become a new one.

    Raises InvalidInput, and StorageError where the data folder holds no store.
    """
    configured = settings(**given)
    if not has_store(configured.data_dir):
        raise StorageError(
            f"there is no knowledge base in {configured.data_dir}; name its folder with --data or KBSEARCH_DATA_DIR"
            " ('kbsearch serve' and 'kbsearch import' create one)"
        )
    return configured


def as_this_user() -> AbstractContextManager[None]:
    """Changes inside the block are recorded as made by the user of the command."""
    return acting(f"cli:{getpass.getuser()}")


@contextmanager
def opened(configured: Settings) -> Generator[KnowledgeBase]:
    """The knowledge base for one command."""
    log_to_stderr(log_format=configured.log_format)
    say(f"opening {configured.data_dir} and the model")
    knowledge = open_knowledge(configured)
    try:
        with as_this_user():
            yield knowledge
    finally:
        knowledge.close()
