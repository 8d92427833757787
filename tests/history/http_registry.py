"""The write methods of a store, over GraphQL and HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx

from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.rating import Rating, decode_rating, encode_rating
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    Reference,
    ReferenceKind,
    SavedRating,
)
from storage.artifacts.write_rules import Stamp, make_artifact
from storage.artifacts.writes import (
    ArtifactPatch,
    Deleted,
    NewArtifact,
    OnConflict,
    WriteError,
    WriteErrorCode,
    WriteOutcome,
    Written,
)
from storage.errors import StoreUnavailableError
from tests.history.random_client import UNKNOWN_TIME

_SIZES = "sizeScore { raspberryPi jetsonNano desktopPc awsServer }"
_SCORES = " ".join(f.alias or n for n, f in Rating.model_fields.items() if n != "size_score")
_FRAGMENTS = f"""
fragment ArtifactFields on Artifact {{
  id type name url downloadUrl description license tags version createdAt updatedAt
  ... on Model {{
    rating {{ {_SCORES} {_SIZES} }}
    references {{ kind ID: targetId URL: targetUrl NAME: targetName }}
  }}
}}
fragment Error on UserError {{ code message field artifact {{ ...ArtifactFields }} }}
"""
_REGISTER = """
mutation ($input: Register%(type)sInput!, $onConflict: OnConflict!) {
  payload: register%(type)s(input: $input, onConflict: $onConflict) {
    artifact: %(field)s { ...ArtifactFields } outcome userErrors { ...Error }
  }
}
"""
_UPDATE = """
mutation ($id: ID!, $input: Update%(type)sInput!) {
  payload: update%(type)s(id: $id, input: $input) {
    artifact: %(field)s { ...ArtifactFields } outcome userErrors { ...Error }
  }
}
"""
_RATE = """
mutation ($id: ID!, $rating: ModelRatingInput!) {
  payload: rateModel(id: $id, rating: $rating) {
    artifact: model { ...ArtifactFields } outcome userErrors { ...Error }
  }
}
"""
_DELETE = """
mutation ($id: ID!) {
  payload: deleteArtifact(id: $id) { deletedId userErrors { ...Error } }
}
"""
_DELETION = """
query ($id: ID!) {
  recentChanges(first: 100, filter: { artifactIds: [$id], kinds: [DELETED] }) {
    nodes { version requestId fields { field before } }
  }
}
"""
_RESTORE = """
mutation ($id: ID!) {
  payload: restoreArtifact(id: $id) {
    artifact { ...ArtifactFields } userErrors { ...Error }
  }
}
"""


class HttpRegistry:
    """Writes to the registry at a url; safe to use from any number of threads."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30)
        self._last_seen: dict[str, Artifact] = {}

    def register(
        self, drafts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> list[Written | WriteError]:
        """Register artifacts one by one."""
        return [self._register(draft, on_conflict) for draft in drafts]

    def update(
        self,
        id: str,  # noqa: A002 - the store's parameter name
        type: ArtifactType | None,  # noqa: A002 - the store's parameter name
        changes: ArtifactPatch,
    ) -> Written | WriteError:
        """Change an artifact; without `type`, of the type that it had when it was last seen."""
        fields = _to_api_fields(changes)
        if fields.keys() == {"rating"}:
            return self._write(_RATE, id=id, **fields)
        artifact_type = type or self._last_seen[id].type
        return self._write(_UPDATE % _type_names(artifact_type), id=id, input=fields)

    def delete(self, id: str, type: None) -> Deleted | WriteError:  # noqa: A002, ARG002 - as above
        """Delete an artifact; return it as the change of this very request says it was."""
        response = self._post(_DELETE + _FRAGMENTS, id=id)
        if error := _to_write_error(_read(response)["payload"]):
            return error
        changes = _read(self._post(_DELETION, id=id))["recentChanges"]["nodes"]
        request_id = response.headers["x-request-id"]
        (change,) = (each for each in changes if each["requestId"] == request_id)
        return Deleted(id=id, artifact=_to_deleted(self._last_seen[id], change))

    def restore(self, id: str) -> Written | WriteError:  # noqa: A002 - as above
        """Restore a deleted artifact."""
        return self._write(_RESTORE, id=id)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _register(self, draft: NewArtifact, on_conflict: OnConflict) -> Written | WriteError:
        return self._write(
            _REGISTER % _type_names(draft.type),
            input={"url": draft.url, "name": draft.name, **_to_api_fields(draft.changes)},
            onConflict=on_conflict.name,
        )

    def _write(self, mutation: str, **variables: object) -> Written | WriteError:
        payload = self._send(mutation, **variables)
        if error := _to_write_error(payload):
            if error.artifact:
                self._last_seen[error.artifact.id] = error.artifact
            return error
        artifact = _to_artifact(payload["artifact"])
        self._last_seen[artifact.id] = artifact
        outcome = WriteOutcome[payload.get("outcome", "CREATED")]
        return Written(artifact=artifact, outcome=outcome)

    def _send(self, mutation: str, **variables: object) -> dict[str, Any]:
        payload: dict[str, Any] = _read(self._post(mutation + _FRAGMENTS, **variables))[
            "payload"
        ]
        return payload

    def _post(self, query: str, **variables: object) -> httpx.Response:
        return self._http.post("/graphql", json={"query": query, "variables": variables})


def _read(response: httpx.Response) -> dict[str, Any]:
    answer = response.json()
    for error in answer.get("errors", ()):
        assert error["extensions"]["code"] == "STORE_UNAVAILABLE", error
        raise StoreUnavailableError(error["message"])
    data: dict[str, Any] = answer["data"]
    return data


def _type_names(artifact_type: ArtifactType) -> dict[str, str]:
    return {"type": artifact_type.value.capitalize(), "field": artifact_type.value}


def _to_api_fields(changes: ArtifactPatch) -> dict[str, Any]:
    """Return changes by the API's field names."""
    names = {"base_models": "baseModels", "download_url": "downloadUrl"}
    return {
        names.get(name, name): _to_api_value(name, value) for name, value in changes.items()
    }


def _to_api_value(name: str, value: Any) -> Any:
    if name in ("datasets", "codes", "base_models"):
        return [{reference.lookup_field.value: reference.value} for reference in value]
    return (
        decode_rating(value).model_dump(by_alias=True, exclude_none=True)
        if name == "rating"
        else value
    )


def _to_write_error(payload: Mapping[str, Any]) -> WriteError | None:
    if not payload["userErrors"]:
        return None
    (error,) = payload["userErrors"]
    artifact = _to_artifact(error["artifact"]) if error["artifact"] else None
    code = WriteErrorCode(error["code"])
    return WriteError(code=code, message=error["message"], artifact=artifact)


def _to_deleted(seen: Artifact, change: Mapping[str, Any]) -> Artifact:
    """Return an artifact that was seen as it was before it was deleted."""
    before = {each["field"]: each["before"] for each in change["fields"]}
    made = make_artifact(parse_new_artifact(seen.type, before), Stamp(seen.created_at))
    return replace(made, id=seen.id, version=change["version"] - 1, named_at=UNKNOWN_TIME)


def _to_artifact(fields: Mapping[str, Any]) -> Artifact:
    rating = fields.get("rating")
    return Artifact(
        id=fields["id"],
        type=ArtifactType[fields["type"]],
        name=fields["name"],
        url=fields["url"],
        download_url=fields["downloadUrl"],
        license=fields["license"],
        tags=tuple(fields["tags"]),
        version=fields["version"],
        created_at=datetime.fromisoformat(fields["createdAt"]),
        updated_at=datetime.fromisoformat(fields["updatedAt"]),
        named_at=UNKNOWN_TIME,
        references=tuple(
            _to_reference(reference) for reference in fields.get("references", ())
        ),
        rating=SavedRating(encode_rating(Rating.model_validate(rating))) if rating else None,
        description=fields["description"],
        properties=(),
        created_by=None,
        updated_by=None,
        content_version=1,
    )


def _to_reference(fields: Mapping[str, str | None]) -> Reference:
    (field,) = (field for field in LookupField if fields[field.name] is not None)
    return Reference(ReferenceKind[str(fields["kind"])], field, str(fields[field.name]))
