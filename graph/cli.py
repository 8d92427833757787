"""The server's command line: serve the API, print or compare the schema, create a token."""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from typing import Annotated, Any, NoReturn, cast

import typer
import uvicorn

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.execution.pipeline import Pipeline
from graph.http.uvicorn_protocol import LimitedHttpProtocol
from graph.schema.breaking_changes import SCHEMA, NoSchemaError, find_changes
from graph.schema.build import create_schema, to_sdl
from graph.settings import Settings
from graph.start_message import describe_start
from graph.telemetry import logging, prometheus
from storage.errors import StoreSetupError, StoreUnavailableError
from storage.opening import open_store
from storage.settings import load_settings
from storage.transfer.sample_data import fill_with_sample
from storage.version import VersionOption

_UPDATE_COMMAND = "python -m graph schema > schema.graphql"

_OPEN_ADDRESS = """\
Refusing to listen on {host}: anyone who can reach this address would have the role {role}.
To listen on another address than localhost, set AUTH_ANONYMOUS to none or read. To give some
callers a higher role, also set
    AUTH_TOKENS to an entry that `python -m graph token NAME --role write` prints, or
    AUTH_ISSUER and AUTH_AUDIENCE to those of an OpenID Connect issuer."""

app = typer.Typer(
    help="Serve the artifact registry.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Number of worker processes")] = 1,
    *,
    sample: Annotated[
        bool, typer.Option("--sample", help="Load the sample data into an empty store")
    ] = False,
    version: VersionOption = False,  # noqa: ARG001 - its callback prints it and exits
) -> None:
    """Serve the API over HTTP, unless a command is given."""
    if context.invoked_subcommand is not None:
        return
    settings = _load_settings()
    if settings.metrics_port == port:
        _fail(f"METRICS_PORT: must be another port than --port, {port}", 2)
    _check_address(host, port, settings.anonymous)
    _check_documents(settings)
    typer.echo(_check_store(settings, load_sample=sample), err=True)
    typer.echo(f"GraphiQL: http://{host}:{port}/graphql", err=True)
    protocol = partial(LimitedHttpProtocol, head_seconds=settings.request_seconds)
    with _serve_metrics(settings):
        # uvicorn raises it again once it has stopped.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        uvicorn.run(
            "graph.app:create",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http=cast("Any", protocol),  # uvicorn calls it as it calls a class
            timeout_keep_alive=settings.keep_alive_seconds,
            timeout_graceful_shutdown=settings.grace_seconds,
            log_config=logging.create_log_config(as_json=_is_log_json(settings)),
            access_log=False,
            server_header=False,
            ws="none",
        )


@app.command("schema")
def print_schema(
    check: Annotated[
        bool, typer.Option("--check", help="Fail if schema.graphql is not up to date")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|REVISION",
            help="Report the changes since the schema in a file, or since schema.graphql in a"
            " git revision",
        ),
    ] = None,
) -> None:
    """Print the schema, or compare it with schema.graphql or with an earlier schema."""
    sdl = to_sdl(create_schema())
    if check:
        _check_snapshot(sdl)
    if against is not None:
        _report_changes(against, sdl)
    if not check and against is None:
        typer.echo(sdl, nl=False)


def _check_snapshot(sdl: str) -> None:
    if not SCHEMA.is_file():
        _fail(f"there is no {SCHEMA} here; run this in the folder that has it", 2)
    if SCHEMA.read_text() != sdl:
        _fail(f"{SCHEMA} is not up to date; update it with:\n    {_UPDATE_COMMAND}", 1)


def _report_changes(against: str, sdl: str) -> NoReturn:
    try:
        changes = find_changes(against, sdl)
    except NoSchemaError as error:
        _fail(str(error), 2)
    typer.echo(changes.report(), nl=False)
    raise typer.Exit(1 if changes.unannounced else 0)


@app.command("token")
def print_token(
    name: Annotated[str, typer.Argument(help="Name of the person or program that will use it")],
    role: Annotated[Role, typer.Option(help="Role of the token")] = Role.READ,
    days: Annotated[
        int | None, typer.Option(min=1, max=3_650, help="Days after which it expires")
    ] = None,
    url_prefix: Annotated[
        list[str] | None,
        typer.Option(help="Let it write only artifacts with urls below this one; repeatable"),
    ] = None,
) -> None:
    """Create a token, and print it with its entry for AUTH_TOKENS."""
    expires = datetime.now(UTC).date() + timedelta(days) if days else None
    try:
        token, entry = create_token(name, role, expires, url_prefix or ())
    except ValueError as error:
        _fail(str(error), 2)
    typer.echo(
        f"Token, which is not stored; send it as `Authorization: Bearer TOKEN`:\n{token}"
    )
    typer.echo(f"Entry for AUTH_TOKENS, in which entries are separated by commas:\n{entry}")


def _fail(message: str, status: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(status) from None


def _is_log_json(settings: Settings) -> bool:
    if settings.log_format == "auto":
        return not sys.stderr.isatty()
    return settings.log_format == "json"


@contextmanager
def _serve_metrics(settings: Settings) -> Iterator[None]:
    if settings.metrics_port is None:
        yield
        return
    try:
        with prometheus.serve_metrics(settings.metrics_host, settings.metrics_port):
            yield
    except OSError as error:
        address = f"{settings.metrics_host}:{settings.metrics_port}"
        _fail(f"METRICS_PORT: cannot listen on {address}: {error.strerror}", 1)


def _load_settings() -> Settings:
    try:
        return load_settings(Settings)
    except StoreSetupError as error:
        _fail(str(error), 2)


def _check_documents(settings: Settings) -> None:
    """Validate the trusted documents before the workers do, to report errors once."""
    if settings.trusted_documents is None:
        return
    try:
        Pipeline(create_schema(), settings)
    except StoreSetupError as error:
        _fail(str(error), 2)


def _check_store(settings: Settings, *, load_sample: bool) -> str:
    """Open the store once before the workers do, to report errors once and without a trace.

    Returns what is said about it.
    """
    try:
        store = open_store(settings, for_listings=True)
        try:
            is_refused = load_sample and not fill_with_sample(store)
            return describe_start(store, settings, is_sample_refused=is_refused)
        finally:
            store.close()
    except (StoreSetupError, StoreUnavailableError) as error:
        _fail(str(error), 1)


def _check_address(host: str, port: int, anonymous: Role) -> None:
    """Fail if the address is open to anonymous writers, or if it cannot be bound."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        is_local = all(_is_loopback(address[4][0]) for address in addresses)
        if anonymous.covers(Role.WRITE) and not is_local:
            _fail(_OPEN_ADDRESS.format(host=host, role=anonymous.value), 2)
        _bind(*addresses[0])
    except OSError as error:
        _fail(f"Cannot listen on {host}:{port}: {error.strerror}", 1)


def _is_loopback(address: str | int) -> bool:
    return ip_address(str(address).partition("%")[0]).is_loopback


def _bind(family: int, kind: int, protocol: int, _: str, address: tuple[Any, ...]) -> None:
    """Bind the address for a moment; in the workers, a failure would print a trace each."""
    with socket.socket(family, kind, protocol) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)
