"""Sums up everything that a model was built from."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from graph.loading.lineage_walk import Lineage, WalkLimits, walk_upstream
from graph.loading.loaders import Loaders
from graph.loading.resolved_references import ResolvedReference, load_all_references
from storage.artifacts.licenses import normalise_license
from storage.artifacts.rating import decode_rating
from storage.artifacts.records import PartialArtifact, require_read


@dataclass(frozen=True, slots=True)
class LicenseUse:
    """A license, None for none, and the artifacts that state it, the nearest first."""

    license: str | None
    artifacts: tuple[PartialArtifact, ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """The artifacts found upstream of a model; they may not be all of them."""

    lineage: Lineage
    references: tuple[ResolvedReference, ...]
    """Those of the model and of the models upstream, in the order of the walk."""
    is_complete: bool


async def load_provenance(
    loaders: Loaders, model: PartialArtifact, limits: WalkLimits
) -> Provenance:
    """Return what a model was built from.

    The references of the last level are resolved too, to know whether anything follows.
    """
    lineage = await walk_upstream(loaders, model, limits)
    references = await load_all_references(loaders, lineage.artifacts)
    ids = {artifact.id for artifact in lineage.artifacts}
    are_all_known = all(
        reference.artifact is None
        or ((upstream := reference.upstream) is not None and upstream.id in ids)
        for reference in references
    )
    return Provenance(lineage, tuple(references), lineage.is_complete and are_all_known)


def group_by_license(lineage: Lineage) -> list[LicenseUse]:
    """Return the licenses of a lineage's artifacts, the most frequent first.

    Those with the same SPDX expression are one, as most of its artifacts write it, and so are
    others that differ only in case. Equally frequent
    ones are in the order of their text, None first.
    """
    groups: dict[str | None, list[PartialArtifact]] = defaultdict(list)
    for node in sorted(lineage.nodes, key=lambda n: (n.upstream_distance, n.artifact.id)):
        license_ = require_read(node.artifact.license)
        key = None if license_ is None else normalise_license(license_)
        groups[key].append(node.artifact)
    entries = sorted(groups.items(), key=lambda entry: (-len(entry[1]), entry[0] or ""))
    return [
        LicenseUse(None if key is None else _most_frequent(artifacts), tuple(artifacts))
        for key, artifacts in entries
    ]


def find_lowest_net_score(lineage: Lineage) -> float | None:
    """Return the lowest score of a lineage's rated models; None if none is rated.

    Raises:
        UndecodableError: A rating cannot be read.
    """
    ratings = (require_read(node.artifact.rating) for node in lineage.nodes)
    scores = (decode_rating(rating.text).net_score for rating in ratings if rating)
    return min(scores, default=None)


def _most_frequent(artifacts: Iterable[PartialArtifact]) -> str:
    """Return the spelling of a license that most artifacts use; of several, the first."""
    counts = Counter(str(require_read(artifact.license)) for artifact in artifacts)
    return min(counts, key=lambda text: (-counts[text], text))
