"""Puts the server together: the only place that knows all of its parts."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache

import strawberry
from fastapi import FastAPI

from graph import metrics, schema, watching
from graph.admission import Admission
from graph.auth.callers import Callers
from graph.auth.oidc import Verifier
from graph.auth.roles import Role
from graph.context import Context
from graph.entrance import Entrance
from graph.envelope import Envelope
from graph.execution import Execution
from graph.explorer.page import asset
from graph.health import Readiness, live
from graph.http import Endpoint
from graph.quota import Quota
from graph.settings import Settings
from graph.threads import Threads
from graph.watching import Watch, Watcher
from storage.opening import open_store
from storage.settings import load
from storage.store import Store

_OBJECTS_BEFORE_COLLECTION = 50_000
_schema = cache(schema.build)
"""It never changes, and takes longer to build than all else."""


def create() -> FastAPI:
    """The server that the environment asks for; uvicorn calls this in every worker."""
    settings = load(Settings)
    app = build(open_store(settings), settings)
    # A page of 100 models makes 20,000 objects, and leaves none of them in a cycle. Looked
    # through every 700 objects, with all the modules' own, they take a tenth longer. Only
    # errors leave what they came by, in their tracebacks.
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    return app


def build(store: Store, settings: Settings, served: strawberry.Schema | None = None) -> FastAPI:
    """The server of a store, which it closes when it ends; of the registry's schema, or one."""
    threads = Threads(settings.store_threads)
    limit = settings.rate_limit
    quota = Quota(limit, settings.rate_limit_redis_url) if limit else None
    app = FastAPI(
        title="Artifact registry",
        lifespan=_closing(store, threads, quota),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=watching.TRACING,
    )
    execution = Execution(served or _schema(), settings)
    endpoint = Endpoint(
        execution,
        _entrance(settings, quota),
        settings,
        _watch(settings),
        lambda: Context(store, threads),
    )
    app.add_middleware(Envelope)
    app.add_route("/graphql", endpoint.post, ["POST"])
    app.add_route("/graphql", endpoint.get, ["GET"])
    if settings.explorer:
        app.add_route("/explorer/{name}", asset, ["GET"])
    app.add_route("/livez", live, ["GET"])
    app.add_route("/readyz", Readiness(store, threads, settings.store_seconds).answer, ["GET"])
    return app


def _entrance(settings: Settings, quota: Quota | None) -> Entrance:
    verifier = Verifier(settings.issuer) if settings.issuer else None
    callers = Callers(settings.anonymous, settings.auth_tokens, verifier)
    local_only = settings.anonymous.covers(Role.WRITE)
    return Entrance(callers, local_only, quota, Admission(settings.max_requests))


def _watch(settings: Settings) -> Watch:
    watchers: list[Watcher] = [watching.log, watching.annotate]
    if settings.emf_namespace is not None:
        watchers.append(watching.embedded_metrics(settings.emf_namespace))
    if settings.metrics_port is None:
        return Watch(watchers)
    counts = metrics.Counts()
    return Watch([*watchers, counts], counts.in_flight)


def _closing(
    store: Store, threads: Threads, quota: Quota | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if quota is not None:
            await quota.close()
        threads.close()
        store.close()

    return lifespan
