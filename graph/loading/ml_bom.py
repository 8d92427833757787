"""Reads a model with everything upstream, and writes its bill of materials."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from graph.loading.lineage_walk import WalkLimits
from graph.loading.loaders import Loaders
from graph.loading.provenance import load_provenance
from storage.artifacts.records import PartialArtifact
from storage.transfer.cyclonedx import MlBom, write_ml_bom
from storage.transfer.upstream import Link, Upstream

_WRITER = ThreadPoolExecutor(1, thread_name_prefix="ml-bom")
"""A thousand artifacts take 50 ms, in which the event loop has other things to do. Several
threads at once would keep the interpreter from it."""


async def load_ml_bom(loaders: Loaders, model: PartialArtifact, limits: WalkLimits) -> MlBom:
    """Return the bill of materials of a model."""
    provenance = await load_provenance(loaders, model, limits)
    links = [
        Link(found.model, found.reference, found.upstream)
        for found in provenance.references
        if not found.is_unreadable
    ]
    upstream = provenance.lineage.artifacts[1:]
    found = Upstream(model, upstream, links, provenance.is_complete)
    return await asyncio.get_running_loop().run_in_executor(_WRITER, write_ml_bom, found)
