"""The command line of the server: serve, print the schema, make a token."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from typing import Annotated, Any, cast

import typer
import uvicorn

from graph.auth.roles import Role
from graph.auth.static_tokens import make
from graph.http.uvicorn_protocol import Connection
from graph.schema.breaking_changes import SCHEMA, NoSchemaError, judge
from graph.schema.build import create_schema, to_sdl
from graph.settings import Settings
from graph.telemetry import logging, prometheus
from storage.errors import StoreSetupError, StoreUnavailableError
from storage.opening import open_store
from storage.settings import load_settings
from storage.transfer.ndjson import import_sample

_UPDATE = "python -m graph schema > schema.graphql"

_OPEN = """\
refusing to listen on {host}: whoever reaches it would have the role {role} without a token. Set
    AUTH_ANONYMOUS  to none, or to read if everybody may read, and, for those who may do more,
    AUTH_TOKENS     to what `python -m graph token NAME --role write` prints, or
    AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL  to those of an OpenID Connect issuer"""

app = typer.Typer(
    help="Serve the artifact registry.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="How many processes serve")] = 1,
    sample: Annotated[bool, typer.Option("--sample", help="Load the sample data")] = False,
) -> None:
    """Serve the registry over HTTP, unless a command is given."""
    if context.invoked_subcommand is not None:
        return
    settings = _settings()
    _check_address(host, port, settings.anonymous)
    _prepare(settings, sample=sample)
    typer.echo(f"GraphiQL: http://{host}:{port}/graphql", err=True)
    with _metrics(settings):
        uvicorn.run(
            "graph.app:create",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http=cast("Any", partial(Connection, head_seconds=settings.request_seconds)),
            timeout_keep_alive=settings.keep_alive_seconds,
            timeout_graceful_shutdown=settings.grace_seconds,
            log_config=logging.configuration(as_json=_as_json(settings)),
            access_log=False,
            server_header=False,
            ws="none",
        )


@app.command("schema")
def print_schema(
    check: Annotated[bool, typer.Option("--check", help="Compare with schema.graphql")] = False,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|REVISION",
            help="Judge the changes since this file, or since schema.graphql of a git revision",
        ),
    ] = None,
) -> None:
    """Print the schema, or compare it with schema.graphql or with an earlier schema."""
    text = to_sdl(create_schema())
    if check:
        _check_snapshot(text)
    if against is not None:
        _judge(against, text)
    if not check and against is None:
        typer.echo(text, nl=False)


def _check_snapshot(text: str) -> None:
    snapshot = SCHEMA
    if not snapshot.is_file() or snapshot.read_text() != text:
        typer.echo(f"{snapshot} is not the schema; update it with:\n    {_UPDATE}", err=True)
        raise typer.Exit(1)


def _judge(against: str, text: str) -> None:
    try:
        judgement = judge(against, text)
    except NoSchemaError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    typer.echo(judgement.report(), nl=False)
    raise typer.Exit(1 if judgement.unannounced else 0)


@app.command("token")
def make_token(
    name: Annotated[str, typer.Argument(help="Whose it is: a person, a program")],
    role: Annotated[Role, typer.Option(help="What its bearer may do")] = Role.READ,
) -> None:
    """Make a token, and print it with what the settings need to know of it."""
    try:
        token, entry = make(name, role)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    typer.echo(
        f"The token, kept nowhere; it is sent as `Authorization: Bearer TOKEN`:\n{token}"
    )
    typer.echo(f"What to add to AUTH_TOKENS, whose entries have commas between them:\n{entry}")


def _as_json(settings: Settings) -> bool:
    if settings.log_format == "auto":
        return not sys.stderr.isatty()
    return settings.log_format == "json"


@contextmanager
def _metrics(settings: Settings) -> Iterator[None]:
    if settings.metrics_port is None:
        yield
        return
    try:
        with prometheus.served(settings.metrics_host, settings.metrics_port):
            yield
    except OSError as error:
        at = f"{settings.metrics_host}:{settings.metrics_port}"
        typer.echo(f"METRICS_PORT: cannot listen on {at}: {error.strerror}", err=True)
        raise typer.Exit(1) from None


def _settings() -> Settings:
    try:
        return load_settings(Settings)
    except StoreSetupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _prepare(settings: Settings, *, sample: bool) -> None:
    """Open the store once, before any worker does: what is wrong is said once, and plainly."""
    try:
        store = open_store(settings)
        try:
            if sample:
                import_sample(store)
        finally:
            store.close()
    except (StoreSetupError, StoreUnavailableError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _check_address(host: str, port: int, anonymous: Role) -> None:
    """Refuse to listen where anybody could change something, or where nobody can listen."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        if anonymous.covers(Role.WRITE) and not all(_is_loopback(at[4][0]) for at in found):
            typer.echo(_OPEN.format(host=host, role=anonymous.value), err=True)
            raise typer.Exit(2)
        _bind(*found[0])
    except OSError as error:
        typer.echo(f"cannot listen on {host}:{port}: {error.strerror}", err=True)
        raise typer.Exit(1) from None


def _is_loopback(address: str | int) -> bool:
    return ip_address(str(address).partition("%")[0]).is_loopback


def _bind(family: int, kind: int, protocol: int, _: str, address: tuple[Any, ...]) -> None:
    """Bind the address for a moment: workers would fail with a trace each."""
    with socket.socket(family, kind, protocol) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)
