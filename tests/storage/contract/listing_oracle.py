"""Listings as plain Python over a list of artifacts."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from storage.artifacts.licenses import normalise_license
from storage.artifacts.names import normalise
from storage.artifacts.rating import decode_rating
from storage.artifacts.records import Artifact, LookupField, Reference, Target
from storage.search.listing import (
    Filter,
    Listing,
    OrderField,
    ReferenceCondition,
    ReferenceState,
    TimeRange,
)


class ListingOracle:
    """The expected listings of these artifacts, which are all of a store."""

    def __init__(self, artifacts: Iterable[Artifact]) -> None:
        self.artifacts = list(artifacts)

    def read(self, wanted: Listing) -> list[Artifact]:
        """The artifacts of a listing in its order."""
        found = [a for a in self.artifacts if self.matches(wanted, a)]
        return sorted(found, key=lambda a: sort_key(wanted, a), reverse=is_reversed(wanted))

    def matches(self, wanted: Listing, artifact: Artifact) -> bool:
        """True if an artifact belongs to a listing."""
        filter_ = wanted.filter
        return (
            artifact.type in filter_.types
            and all(condition(filter_, artifact) for condition in CONDITIONS)
            and all(self._has_reference(artifact, each) for each in filter_.references)
            and all(word in searched_text(artifact) for word in wanted.search.split())
        )

    def _has_reference(self, artifact: Artifact, wanted: ReferenceCondition) -> bool:
        return any(self._meets(reference, wanted) for reference in artifact.references)

    def _meets(self, reference: Reference, wanted: ReferenceCondition) -> bool:
        now = self._resolve(reference.target)
        return (
            (wanted.kind is None or reference.kind is wanted.kind)
            and (wanted.role is None or reference.role is wanted.role)
            and (wanted.states is None or _state(reference, now) in wanted.states)
            and (
                wanted.targets is None
                or (now is not None and now in map(self._resolve, wanted.targets))
            )
        )

    def _resolve(self, target: Target) -> str | None:
        """The id of the target's artifact; of namesakes, the one with the earliest name."""
        found = [
            (artifact.named_at, artifact.id)
            for artifact in self.artifacts
            if artifact.type is target.type and _key(artifact, target) == target.value != ""
        ]
        return min(found)[1] if found else None


def is_reversed(wanted: Listing) -> bool:
    """True if a listing is in the descending order of `sort_key`."""
    return wanted.order.descending and wanted.order.field is not OrderField.RELEVANCE


def sort_key(wanted: Listing, artifact: Artifact) -> tuple[Any, ...]:
    """The place of an artifact in a listing, if its direction is ignored."""
    name, id_ = normalise(artifact.name).encode(), artifact.id
    match wanted.order.field:
        case OrderField.CREATED_AT:
            return artifact.created_at, id_
        case OrderField.UPDATED_AT:
            return artifact.updated_at, id_
        case OrderField.NET_SCORE:
            score = net_score(artifact)
            is_last = (score is None) != wanted.order.descending
            return is_last, score or 0.0, id_
        case OrderField.RELEVANCE if wanted.search:
            folded = fold(artifact.name.strip())
            tiers = (
                folded == wanted.search,
                folded.startswith(wanted.search),
                wanted.search in folded,
                True,
            )
            return tiers.index(True), name, id_
    return name, id_


def net_score(artifact: Artifact) -> float | None:
    """The net score of a rated model, unless its rating cannot be read."""
    rating = artifact.rating and decode_rating(artifact.rating.text)
    return rating.net_score if rating else None


def creator_name(artifact: Artifact) -> str | None:
    """The name of the actor who registered an artifact."""
    return artifact.created_by.name if artifact.created_by else None


def fold(text: str) -> str:
    """A text without case, diacritics and compatibility forms."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(each for each in letters if not unicodedata.combining(each)).casefold()


def searched_text(artifact: Artifact) -> str:
    """The folded text in which words are searched."""
    parts = (artifact.name, *artifact.tags, artifact.description or "", artifact.url)
    return "\n".join(map(fold, parts))


def _has_name(filter_: Filter, artifact: Artifact) -> bool:
    name = normalise(artifact.name)
    return (
        (filter_.names is None or (name != "" and name in filter_.names))
        and name.startswith(filter_.name_starts_with or "")
        and (filter_.name_contains or "") in name
        and re.search(filter_.name_matches or "", artifact.name) is not None
    )


def _has_url(filter_: Filter, artifact: Artifact) -> bool:
    return (filter_.urls is None or artifact.url in filter_.urls) and artifact.url.startswith(
        filter_.url_starts_with or ""
    )


def _has_tags(filter_: Filter, artifact: Artifact) -> bool:
    tags = set(map(normalise, artifact.tags))
    return (
        tags >= set(filter_.tags_all)
        and (filter_.tags_any is None or not tags.isdisjoint(filter_.tags_any))
        and tags.isdisjoint(filter_.tags_none)
        and filter_.tags_is_empty in (None, not tags)
    )


def _has_properties(filter_: Filter, artifact: Artifact) -> bool:
    properties = {(normalise(key), normalise(value)) for key, value in artifact.properties}
    keys = {key for key, _ in properties}
    return all(
        each.key in keys if each.value is None else (each.key, each.value) in properties
        for each in filter_.properties
    )


def _has_score(filter_: Filter, artifact: Artifact) -> bool:
    low, high, score = (
        filter_.net_score_at_least,
        filter_.net_score_at_most,
        net_score(artifact),
    )
    return (low is None or (score is not None and score >= low)) and (
        high is None or (score is not None and score <= high)
    )


def _has_value(wanted: Sequence[str | None] | None, value: str | None) -> bool:
    return wanted is None or (normalise(value) if value is not None else None) in wanted


def _has_license(filter_: Filter, artifact: Artifact) -> bool:
    text = artifact.license
    wanted = filter_.licenses
    return wanted is None or (None if text is None else normalise_license(text)) in wanted


def _is_within(wanted: TimeRange | None, time: Any) -> bool:
    return wanted is None or (
        (wanted.from_ is None or time >= wanted.from_)
        and (wanted.until is None or time < wanted.until)
    )


CONDITIONS: tuple[Callable[[Filter, Artifact], bool], ...] = (
    lambda filter_, a: filter_.ids is None or a.id in filter_.ids,
    _has_name,
    _has_url,
    _has_tags,
    _has_properties,
    _has_score,
    _has_license,
    lambda filter_, a: _has_value(filter_.created_by, creator_name(a)),
    lambda filter_, a: _is_within(filter_.created_at, a.created_at),
    lambda filter_, a: _is_within(filter_.updated_at, a.updated_at),
    lambda filter_, a: filter_.rated in (None, a.rating is not None),
)


def _key(artifact: Artifact, target: Target) -> str:
    match target.lookup_field:
        case LookupField.ID:
            return artifact.id
        case LookupField.URL:
            return artifact.url
        case LookupField.NAME:
            return normalise(artifact.name)


def _state(reference: Reference, now: str | None) -> ReferenceState:
    then = reference.resolved and reference.resolved.id
    if now is None:
        return ReferenceState.LOST if then else ReferenceState.UNRESOLVED
    return ReferenceState.RESOLVED if then in (None, now) else ReferenceState.RETARGETED
