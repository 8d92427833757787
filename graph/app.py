"""The composition root: builds the server from its settings and its store."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import cache, partial

import strawberry
from fastapi import FastAPI

from graph.auth.authenticator import Authenticator
from graph.auth.oidc import TokenVerifier
from graph.auth.roles import Role
from graph.context import Context
from graph.execution.pipeline import Pipeline
from graph.graphiql.page import serve_file
from graph.http.compression import CompressionMiddleware
from graph.http.cors import add_cors
from graph.http.draining import Draining
from graph.http.endpoint import Endpoint
from graph.http.health import ReadinessCheck, check_liveness
from graph.http.home import list_paths, redirect_to_explorer
from graph.http.host_check import HostCheckMiddleware
from graph.http.middleware import ErrorMiddleware, ResponseMiddleware
from graph.http.root_path import RootPathMiddleware
from graph.http.schema_file import SchemaFile
from graph.http.sse import EventStreams
from graph.http.unknown_paths import add_error_handler
from graph.http.unread_body import UnreadBodyMiddleware
from graph.limits.budget import Budgets
from graph.limits.concurrency import ArrivingBodies, ConcurrencyLimit
from graph.limits.open_subscriptions import OpenSubscriptions
from graph.limits.rate_limit import RateLimiter
from graph.loading.feed_follower import FeedFollower
from graph.loading.feed_poll import Pace
from graph.loading.threads import StoreThreads
from graph.schema.build import create_schema
from graph.settings import RateLimits, Settings
from graph.telemetry.emf import EmfWriter
from graph.telemetry.observation import Observation, Observer, RequestObservation
from graph.telemetry.prometheus import RequestMetrics, SearchMetrics, SubscriptionMetrics
from graph.telemetry.request_log import log_request, log_subscription
from graph.telemetry.subscription_stats import SubscriptionStats
from graph.telemetry.tracing import TELEMETRY_CONFIG, set_span_attributes
from storage.artifacts.licenses import load_list
from storage.artifacts.records import ArtifactType
from storage.errors import SearchNotReadyError, StoreUnavailableError
from storage.opening import open_store
from storage.search.listing import Filter, Listing
from storage.search.state import SearchState
from storage.settings import load_settings
from storage.store import Store

_log = logging.getLogger(__name__)
_GC_THRESHOLDS = 50_000, 1, 10
"""A collection of the second generation, which stops all threads, takes up to 70 ms; with 10
in the place of 1, it took 130."""
_GAUGE_SECONDS = 5.0
_get_schema = cache(create_schema)
"""Built once: the schema is immutable, and building it takes most of the start."""


def create() -> FastAPI:
    """Build the server from environment variables; uvicorn calls this in every worker."""
    settings = load_settings(Settings)
    for warning in settings.warnings:
        _log.warning(warning)
    app = build(open_store(settings, for_listings=True), settings)
    # A page of 100 models allocates 20,000 objects, none of them in a reference cycle; only the
    # tracebacks of exceptions form cycles. Such a page takes a tenth longer if the garbage is
    # collected every 700 allocations (Python's default), with all modules' objects traversed.
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    return app


def build(
    store: Store,
    settings: Settings,
    schema: strawberry.Schema | None = None,
    pace: Pace = Pace(),  # noqa: B008 - it is immutable
) -> FastAPI:
    """Build the server of a store, which it closes at shutdown.

    It serves the registry's schema, unless another one is passed. `pace` is that of
    subscriptions.
    """
    threads = StoreThreads.with_searches(settings.store_threads)
    rate_limiter = RateLimiter(
        settings.rate_limit or RateLimits(), settings.rate_limit_redis_url
    )
    telemetry = _Telemetry(store, settings)
    feed = FeedFollower(store, threads, settings.store_seconds, pace)
    budgets = Budgets(settings)
    create_context = partial(Context, store, threads, feed)
    streams = EventStreams(
        OpenSubscriptions(settings), telemetry.subscriptions, budgets, settings, create_context
    )
    draining = Draining(settings.drain_seconds, streams.end_all)
    app = FastAPI(
        title="Artifact registry",
        lifespan=_create_lifespan(store, threads, rate_limiter, telemetry, draining),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # it would redirect to any host that the request names
        telemetry=TELEMETRY_CONFIG,
    )
    schema, authenticator = schema or _get_schema(), _create_authenticator(settings)
    endpoint = Endpoint(
        pipeline=Pipeline(schema, settings),
        authenticator=authenticator,
        rate_limiter=rate_limiter,
        concurrency_limit=ConcurrencyLimit(settings.max_requests),
        arriving_bodies=ArrivingBodies(settings.max_requests * settings.max_body_bytes),
        budgets=budgets,
        settings=settings,
        observation=telemetry.observation,
        create_context=create_context,
        streams=streams,
    )
    readiness = ReadinessCheck(
        store, threads, settings.store_seconds, telemetry.observe_search_state, draining
    )
    app.add_middleware(
        HostCheckMiddleware,
        allowed_hosts=settings.allowed_hosts,
        is_local_only=settings.anonymous.covers(Role.WRITE),
    )
    app.add_middleware(CompressionMiddleware)
    app.add_middleware(ErrorMiddleware)
    app.add_middleware(UnreadBodyMiddleware, seconds=settings.request_seconds)
    add_cors(app, settings.cors_origins)
    app.add_middleware(ResponseMiddleware)
    if settings.root_path is not None:
        app.add_middleware(RootPathMiddleware, root_path=settings.root_path)
    add_error_handler(app)
    _add_routes(app, endpoint, readiness, has_explorer=settings.explorer)
    schema_file = SchemaFile(schema, authenticator, rate_limiter)
    app.add_route("/schema.graphql", schema_file.handle, ["GET"])
    return app


def _add_routes(
    app: FastAPI, endpoint: Endpoint, readiness: ReadinessCheck, *, has_explorer: bool
) -> None:
    app.add_route("/graphql", endpoint.handle, ["GET", "POST"])
    home = redirect_to_explorer if has_explorer else list_paths
    app.add_route("/", home, ["GET"])
    app.add_route("/livez", check_liveness, ["GET"])
    app.add_route("/readyz", readiness.check_readiness, ["GET"])
    if has_explorer:
        app.add_route("/explorer/{name}", serve_file, ["GET"])


def _create_authenticator(settings: Settings) -> Authenticator:
    token_verifier = TokenVerifier(settings.issuers) if settings.issuers else None
    return Authenticator(settings.anonymous, settings.auth_tokens, token_verifier)


class _Telemetry:
    """The observers of requests and of the search index that the settings ask for.

    Health checks observe the index. Prometheus sees its state every few seconds, in every
    worker: it needs no health checks, and shows the worst values of all workers.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        observers: list[Observer] = [log_request, set_span_attributes]
        self._store = store
        self._gauges: SearchMetrics | None = None
        self._search_observers: list[Callable[[SearchState], None]] = []
        self.observation = RequestObservation(observers)
        self.subscriptions = Observation[SubscriptionStats]([log_subscription])
        if settings.emf_namespace is not None:
            writer = EmfWriter(settings.emf_namespace)
            observers.append(writer)
            self._search_observers.append(writer.write_search_state)
        if settings.metrics_port is not None:
            metrics, self._gauges = RequestMetrics(), SearchMetrics()
            observers.append(metrics)
            self.observation = RequestObservation(observers, metrics.in_flight)
            subscriptions = SubscriptionMetrics()
            self.subscriptions = Observation(
                [log_subscription, subscriptions], subscriptions.open
            )

    def observe_search_state(self, state: SearchState) -> None:
        """Show the state of the search index in the metrics."""
        for observe in self._search_observers:
            observe(state)

    async def refresh_gauges(self) -> None:
        """Keep the gauges of the search index up to date, until this is cancelled."""
        while self._gauges is not None:
            self._gauges(self._store.search_state())
            await asyncio.sleep(_GAUGE_SECONDS)


async def _prepare_search(store: Store, threads: StoreThreads) -> None:
    """Let a search index that is missing be built now, not when the first user lists.

    If that fails, the first listing begins to build it, and reports why it cannot.
    """
    if store.search_state().is_ready:
        return
    with suppress(SearchNotReadyError, StoreUnavailableError):
        await threads.run(store.count, Listing(Filter(types=tuple(ArtifactType))))


def _create_lifespan(
    store: Store,
    threads: StoreThreads,
    rate_limiter: RateLimiter,
    telemetry: "_Telemetry",
    draining: Draining,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        draining.delay_sigterm()
        tasks = [
            asyncio.create_task(_prepare_search(store, threads)),
            # Now, because it would keep the event loop busy during a request.
            asyncio.create_task(threads.run(load_list)),
            asyncio.create_task(telemetry.refresh_gauges()),
        ]
        yield
        for task in tasks:
            task.cancel()
        await rate_limiter.close()
        threads.close()
        store.close()

    return lifespan
