"""Puts the server together: the only place that knows all of its parts."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache

import strawberry
from fastapi import FastAPI

from graph.auth.authenticator import Authenticator
from graph.auth.oidc import Verifier
from graph.auth.roles import Role
from graph.context import Context
from graph.execution.pipeline import Pipeline
from graph.graphiql.page import asset
from graph.http.endpoint import Endpoint
from graph.http.entrance import Entrance
from graph.http.health import Readiness, live
from graph.http.middleware import ResponseMiddleware
from graph.limits.concurrency import ConcurrencyLimit
from graph.limits.rate_limit import RateLimiter
from graph.loading.threads import StoreThreads
from graph.schema.build import create_schema
from graph.settings import Settings
from graph.telemetry import observers, prometheus
from graph.telemetry.observers import Observer, RequestObservation
from storage.opening import open_store
from storage.settings import load_settings
from storage.store import Store

_OBJECTS_BEFORE_COLLECTION = 50_000
_schema = cache(create_schema)
"""It never changes, and takes longer to build than all else."""


def create() -> FastAPI:
    """The server that the environment asks for; uvicorn calls this in every worker."""
    settings = load_settings(Settings)
    app = build(open_store(settings), settings)
    # A page of 100 models makes 20,000 objects, and leaves none of them in a cycle. Looked
    # through every 700 objects, with all the modules' own, they take a tenth longer. Only
    # errors leave what they came by, in their tracebacks.
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    return app


def build(store: Store, settings: Settings, served: strawberry.Schema | None = None) -> FastAPI:
    """The server of a store, which it closes when it ends; of the registry's schema, or one."""
    threads = StoreThreads(settings.store_threads)
    limit = settings.rate_limit
    quota = RateLimiter(limit, settings.rate_limit_redis_url) if limit else None
    app = FastAPI(
        title="Artifact registry",
        lifespan=_closing(store, threads, quota),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=observers.TRACING,
    )
    execution = Pipeline(served or _schema(), settings)
    endpoint = Endpoint(
        execution,
        _entrance(settings, quota),
        settings,
        _watch(settings),
        lambda: Context(store, threads),
    )
    app.add_middleware(ResponseMiddleware)
    app.add_route("/graphql", endpoint.post, ["POST"])
    app.add_route("/graphql", endpoint.get, ["GET"])
    if settings.explorer:
        app.add_route("/explorer/{name}", asset, ["GET"])
    app.add_route("/livez", live, ["GET"])
    app.add_route("/readyz", Readiness(store, threads, settings.store_seconds).answer, ["GET"])
    return app


def _entrance(settings: Settings, quota: RateLimiter | None) -> Entrance:
    verifier = Verifier(settings.issuer) if settings.issuer else None
    callers = Authenticator(settings.anonymous, settings.auth_tokens, verifier)
    local_only = settings.anonymous.covers(Role.WRITE)
    return Entrance(callers, local_only, quota, ConcurrencyLimit(settings.max_requests))


def _watch(settings: Settings) -> RequestObservation:
    watchers: list[Observer] = [observers.log, observers.annotate]
    if settings.emf_namespace is not None:
        watchers.append(observers.embedded_metrics(settings.emf_namespace))
    if settings.metrics_port is None:
        return RequestObservation(watchers)
    counts = prometheus.Counts()
    return RequestObservation([*watchers, counts], counts.in_flight)


def _closing(
    store: Store, threads: StoreThreads, quota: RateLimiter | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if quota is not None:
            await quota.close()
        threads.close()
        store.close()

    return lifespan
