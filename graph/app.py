"""The composition root: builds the server from its settings and its store."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache

import strawberry
from fastapi import FastAPI

from graph.auth.authenticator import Authenticator
from graph.auth.oidc import TokenVerifier
from graph.auth.roles import Role
from graph.context import Context
from graph.execution.pipeline import Pipeline
from graph.graphiql.page import serve_file
from graph.http.endpoint import Endpoint
from graph.http.health import ReadinessCheck, check_liveness
from graph.http.middleware import ResponseMiddleware
from graph.limits.concurrency import ConcurrencyLimit
from graph.limits.rate_limit import RateLimiter
from graph.loading.threads import StoreThreads
from graph.schema.build import create_schema
from graph.settings import Settings
from graph.telemetry.emf import EmfWriter
from graph.telemetry.observation import Observer, RequestObservation
from graph.telemetry.prometheus import RequestMetrics
from graph.telemetry.request_log import log_request
from graph.telemetry.tracing import TELEMETRY_CONFIG, set_span_attributes
from storage.opening import open_store
from storage.settings import load_settings
from storage.store import Store

_GC_THRESHOLD = 50_000
_get_schema = cache(create_schema)
"""Built once: the schema is immutable, and building it takes most of the start."""


def create() -> FastAPI:
    """Build the server from environment variables; uvicorn calls this in every worker."""
    settings = load_settings(Settings)
    app = build(open_store(settings), settings)
    # A page of 100 models allocates 20,000 objects, none of them in a reference cycle; only the
    # tracebacks of exceptions form cycles. Such a page takes a tenth longer if the garbage is
    # collected every 700 allocations (Python's default), with all modules' objects traversed.
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)
    return app


def build(store: Store, settings: Settings, schema: strawberry.Schema | None = None) -> FastAPI:
    """Build the server of a store, which it closes at shutdown.

    It serves the registry's schema, unless another one is passed.
    """
    threads = StoreThreads(settings.store_threads)
    limit = settings.rate_limit
    rate_limiter = RateLimiter(limit, settings.rate_limit_redis_url) if limit else None
    app = FastAPI(
        title="Artifact registry",
        lifespan=_create_lifespan(store, threads, rate_limiter),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=TELEMETRY_CONFIG,
    )
    endpoint = Endpoint(
        pipeline=Pipeline(schema or _get_schema(), settings),
        authenticator=_create_authenticator(settings),
        rate_limiter=rate_limiter,
        concurrency_limit=ConcurrencyLimit(settings.max_requests),
        settings=settings,
        observation=_create_observation(settings),
        create_context=lambda: Context(store, threads),
        is_host_checked=settings.anonymous.covers(Role.WRITE),
    )
    _add_routes(app, endpoint, ReadinessCheck(store, threads, settings.store_seconds))
    if settings.explorer:
        app.add_route("/explorer/{name}", serve_file, ["GET"])
    return app


def _add_routes(app: FastAPI, endpoint: Endpoint, readiness: ReadinessCheck) -> None:
    app.add_middleware(ResponseMiddleware)
    app.add_route("/graphql", endpoint.handle_post, ["POST"])
    app.add_route("/graphql", endpoint.handle_get, ["GET"])
    app.add_route("/livez", check_liveness, ["GET"])
    app.add_route("/readyz", readiness.check_readiness, ["GET"])


def _create_authenticator(settings: Settings) -> Authenticator:
    token_verifier = TokenVerifier(settings.issuer) if settings.issuer else None
    return Authenticator(settings.anonymous, settings.auth_tokens, token_verifier)


def _create_observation(settings: Settings) -> RequestObservation:
    observers: list[Observer] = [log_request, set_span_attributes]
    if settings.emf_namespace is not None:
        observers.append(EmfWriter(settings.emf_namespace))
    if settings.metrics_port is None:
        return RequestObservation(observers)
    metrics = RequestMetrics()
    return RequestObservation([*observers, metrics], metrics.in_flight)


def _create_lifespan(
    store: Store, threads: StoreThreads, rate_limiter: RateLimiter | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if rate_limiter is not None:
            await rate_limiter.close()
        threads.close()
        store.close()

    return lifespan
