"""A registry's writes over GraphQL and HTTP, told as a store tells them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from typing import Any

import httpx
import uvicorn

from graph.app import build
from graph.settings import Settings
from storage.artifacts.rating import Rating, decode_rating, encode_rating
from storage.artifacts.records import (
    Artifact,
    ArtifactPatch,
    ArtifactType,
    LookupField,
    NewArtifact,
    OnConflict,
    Reference,
    ReferenceKind,
    Registered,
    WriteError,
    WriteErrorCode,
)
from storage.errors import StoreUnavailableError
from storage.store import Store
from tests.history.client import UNTOLD

_SIZES = "sizeScore { raspberryPi jetsonNano desktopPc awsServer }"
_SCORES = " ".join(f.alias or n for n, f in Rating.model_fields.items() if n != "size_score")
_SEEN = f"""
fragment Seen on Artifact {{
  id type name url downloadUrl license tags version createdAt updatedAt
  ... on Model {{ rating {{ {_SCORES} {_SIZES} }} references {{ kind id url name }} }}
}}
fragment Why on UserError {{ code message field artifact {{ ...Seen }} }}
"""
_REGISTER = """
mutation ($input: Register%(of)sInput!, $how: OnConflict!) {
  done: register%(of)s(input: $input, onConflict: $how) {
    artifact: %(one)s { ...Seen } userErrors { ...Why }
  }
}
"""
_UPDATE = """
mutation ($id: ID!, $input: Update%(of)sInput!) {
  done: update%(of)s(id: $id, input: $input) {
    artifact: %(one)s { ...Seen } userErrors { ...Why }
  }
}
"""
_RATE = """
mutation ($id: ID!, $rating: ModelRatingInput!) {
  done: rateModel(id: $id, rating: $rating) {
    artifact: model { ...Seen } userErrors { ...Why }
  }
}
"""
_DELETE = """
mutation ($id: ID!) {
  done: deleteArtifact(id: $id) { deletedId userErrors { ...Why } }
}
"""


class HttpRegistry:
    """Writes to the registry that is served at a url, for any number of threads."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30)
        self._met: dict[str, Artifact] = {}

    def register(
        self, drafts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> list[Registered | WriteError]:
        """Register drafts one by one."""
        return [self._register(draft, on_conflict) for draft in drafts]

    def update(
        self,
        id: str,  # noqa: A002 - the store's word
        type: ArtifactType | None,  # noqa: A002 - the store's word
        changes: ArtifactPatch,
    ) -> Artifact | WriteError:
        """Change an artifact, of the type it was met as if none is given."""
        given = _fields(changes)
        if given.keys() == {"rating"}:
            return self._told(_RATE, id=id, **given)
        of = type or self._met[id].type
        return self._told(_UPDATE % _words(of), id=id, input=given)

    def delete(self, id: str, type: None) -> Artifact | WriteError:  # noqa: A002, ARG002 - likewise
        """Delete an artifact and return what it was when it was met last."""
        done = self._send(_DELETE, id=id)
        return _rejection(done) or self._met[id]

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _register(self, draft: NewArtifact, on_conflict: OnConflict) -> Registered | WriteError:
        outcome = self._told(
            _REGISTER % _words(draft.type),
            input={"url": draft.url, "name": draft.name, **_fields(draft.changes)},
            how=on_conflict.name,
        )
        if isinstance(outcome, WriteError):
            return outcome
        return Registered(artifact=outcome, created=outcome.version == 1)

    def _told(self, mutation: str, **variables: object) -> Artifact | WriteError:
        done = self._send(mutation, **variables)
        outcome = _rejection(done) or _artifact(done["artifact"])
        met = outcome.artifact if isinstance(outcome, WriteError) else outcome
        if met is not None:
            self._met[met.id] = met
        return outcome

    def _send(self, mutation: str, **variables: object) -> dict[str, Any]:
        body = {"query": mutation + _SEEN, "variables": variables}
        answer = self._http.post("/graphql", json=body).json()
        for error in answer.get("errors", ()):
            assert error["extensions"]["code"] == "STORE_UNAVAILABLE", error
            raise StoreUnavailableError(error["message"])
        done: dict[str, Any] = answer["data"]["done"]
        return done


@contextmanager
def served(store: Store) -> Iterator[HttpRegistry]:
    """A registry that is served in this process; the store can be asked beside it."""
    config = uvicorn.Config(build(store, Settings()), port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    registry = HttpRegistry(f"http://127.0.0.1:{port}")
    try:
        yield registry
    finally:
        registry.close()
        server.should_exit = True
        thread.join()


def _words(of: ArtifactType) -> dict[str, str]:
    return {"of": of.value.capitalize(), "one": of.value}


def _fields(changes: ArtifactPatch) -> dict[str, Any]:
    """Changes in the names of the API."""
    names = {"base_models": "baseModels", "download_url": "downloadUrl"}
    return {names.get(name, name): _value(name, value) for name, value in changes.items()}


def _value(name: str, value: Any) -> Any:
    if name in ("datasets", "codes", "base_models"):
        return [{reference.lookup_field.value: reference.value} for reference in value]
    return decode_rating(value).model_dump(by_alias=True) if name == "rating" else value


def _rejection(done: Mapping[str, Any]) -> WriteError | None:
    if not done["userErrors"]:
        return None
    (error,) = done["userErrors"]
    there = _artifact(error["artifact"]) if error["artifact"] else None
    code = WriteErrorCode(error["code"])
    return WriteError(code=code, message=error["message"], artifact=there)


def _artifact(told: Mapping[str, Any]) -> Artifact:
    rating = told.get("rating")
    return Artifact(
        id=told["id"],
        type=ArtifactType[told["type"]],
        name=told["name"],
        url=told["url"],
        download_url=told["downloadUrl"],
        license=told["license"],
        tags=tuple(told["tags"]),
        version=told["version"],
        created_at=datetime.fromisoformat(told["createdAt"]),
        updated_at=datetime.fromisoformat(told["updatedAt"]),
        named_at=UNTOLD,
        references=tuple(_reference(reference) for reference in told.get("references", ())),
        rating=encode_rating(Rating.model_validate(rating)) if rating else None,
    )


def _reference(told: Mapping[str, str | None]) -> Reference:
    (by,) = (by for by in LookupField if told[by.value] is not None)
    return Reference(ReferenceKind[str(told["kind"])], by, str(told[by.value]))
