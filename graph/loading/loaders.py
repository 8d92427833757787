"""What resolvers read through: each loader turns many keys into one call of the store."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, TypeAlias, TypeVar

from graphql.pyutils import AwaitableOrValue

from graph.loading.threads import StoreThreads
from storage.artifacts.projection import Projection
from storage.artifacts.records import PartialArtifact, Target
from storage.search.paging import Page
from storage.store import ReverseLinkQuery, Store

_K = TypeVar("_K")
_T = TypeVar("_T")
_Read: TypeAlias = Callable[[list[_K]], Awaitable[Sequence[_T]]]
_Answers: TypeAlias = asyncio.Future[Sequence[_T]]
_Place: TypeAlias = tuple[_Answers[_T], int]
"""Where a key's answer is, or is going to be."""


class _Batch(Generic[_K, _T]):
    """Keys that are asked for together, and one future for all of their answers."""

    def __init__(self, read: _Read[_K, _T]) -> None:
        self.keys: list[_K] = []
        self.is_open = True
        self.answers: _Answers[_T] = asyncio.get_running_loop().create_future()
        self._read = read

    async def dispatch(self) -> None:
        self.is_open = False
        try:
            answers = await self._read(self.keys)
        except Exception as error:  # noqa: BLE001 - whoever waits meets it
            self.answers.set_exception(error)
            self.answers.exception()  # it may be that nobody waits any more
        else:
            self.answers.set_result(answers)


class Loader(Generic[_K, _T]):
    """Collects the keys that are asked for in one turn of the event loop; reads each once.

    Strawberry's DataLoader makes a future for each key; this one makes one for each batch,
    which nobody who is cancelled takes away from the others: when a non-null field fails,
    graphql-core cancels its siblings.
    """

    def __init__(
        self, read: _Read[_K, _T], identity: Callable[[_K], Hashable] | None = None
    ) -> None:
        self._read = read
        self._identity = identity
        self._places: dict[Hashable, _Place[_T]] = {}
        self._open: _Batch[_K, _T] | None = None

    async def load(self, key: _K) -> _T:
        """The answer for one key, asked together with the keys of everybody else."""
        (answer,) = await self.load_many([key])
        return answer

    async def load_many(self, keys: Iterable[_K]) -> list[_T]:
        """The answers for several keys, in their order."""
        return await _answers_later([self._place_of(key) for key in keys])

    def read_many(self, keys: Iterable[_K]) -> AwaitableOrValue[list[_T]]:
        """The same: at once, if all of them have been read."""
        places = [self._place_of(key) for key in keys]
        done = all(answers.done() for answers, _ in places)
        return _answers_at(places) if done else _answers_later(places)

    def peek(self, key: _K) -> _T | None:
        """The answer for one key if it has been read, else None, and it is going to be."""
        answers, at = self._place_of(key)
        return answers.result()[at] if answers.done() else None

    def begin(self, keys: Iterable[_K]) -> Awaitable[None] | None:
        """Begin to read; None where there is nothing to wait for. Failures wait for `load`."""
        left = {answers for answers, _ in map(self._place_of, keys) if not answers.done()}
        return _all_done(left) if left else None

    def _place_of(self, key: _K) -> _Place[_T]:
        same = self._identity(key) if self._identity else key
        place = self._places.get(same)
        if place is None:
            batch = self._open
            if batch is None or not batch.is_open:
                batch = self._open = self._begun()
            place = self._places[same] = batch.answers, len(batch.keys)
            batch.keys.append(key)
        return place

    def _begun(self) -> _Batch[_K, _T]:
        batch = _Batch(self._read)
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: loop.create_task(batch.dispatch()))
        return batch


def _answers_at(places: Iterable[_Place[_T]]) -> list[_T]:
    return [answers.result()[at] for answers, at in places]


async def _answers_later(places: Sequence[_Place[_T]]) -> list[_T]:
    await _all_done(answers for answers, _ in places)
    return _answers_at(places)


async def _all_done(answers: Iterable[_Answers[_T]]) -> None:
    if left := {each for each in answers if not each.done()}:
        await asyncio.wait(left)


@dataclass(frozen=True, slots=True)
class Loaders:
    """The loaders of one request; what they have read is never read again."""

    artifact_by_id: Loader[str, PartialArtifact | None]
    artifact_by_target: Loader[Target, PartialArtifact | None]
    models_page_by_request: Loader[ReverseLinkQuery, Page[PartialArtifact]]
    models_count_by_artifact: Loader[PartialArtifact, int | None]


def loaders(
    store: Store, threads: StoreThreads, projection: Projection[PartialArtifact]
) -> Loaders:
    """Loaders that have read nothing yet, and read these details of artifacts."""
    reads = _Reads(store, projection)
    return Loaders(
        _loader(threads, reads.get),
        _loader(threads, reads.resolve),
        _loader(threads, reads.read_reverse_links, _page_asked_for),
        _loader(threads, store.count_reverse_links, _ID),
    )


def _loader(
    threads: StoreThreads,
    read: Callable[[list[_K]], Sequence[_T]],
    identity: Callable[[_K], Hashable] | None = None,
) -> Loader[_K, _T]:
    return Loader(lambda keys: threads.run(read, keys), identity)


@dataclass(frozen=True, slots=True)
class _Reads:
    """What the loaders read, in the order of the keys."""

    store: Store
    projection: Projection[PartialArtifact]

    def get(self, ids: list[str]) -> Sequence[PartialArtifact | None]:
        found = self.store.get(ids, self.projection)
        return [found.get(id_) for id_ in ids]

    def resolve(self, targets: list[Target]) -> Sequence[PartialArtifact | None]:
        found = self.store.resolve(targets, self.projection)
        return [found.get(target) for target in targets]

    def read_reverse_links(
        self, requests: list[ReverseLinkQuery]
    ) -> Sequence[Page[PartialArtifact]]:
        return self.store.read_reverse_links(requests, self.projection)


_ID = attrgetter("id")


def _page_asked_for(request: ReverseLinkQuery) -> Hashable:
    return request.artifact.id, request.first, request.after
