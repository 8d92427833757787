"""The query for the caller, which needs no role."""

import strawberry

from graph.auth.roles import Role
from graph.context import Info
from graph.schema.types.strawberry_fields import field
from graph.schema.types.viewer import Viewer


@strawberry.type
class ViewerQuery:
    """The query for the caller."""

    @field(
        "The caller that sends the request. Callers with the role `NONE` may ask for it, and "
        "for nothing else, in a document of at most 1,000 characters.",
        role=Role.NONE,
    )
    def viewer(self, info: Info) -> Viewer:
        """Return who the token identifies, and what it allows."""
        principal = info.context.principal
        actor, prefixes = principal.actor, principal.url_prefixes
        return Viewer(
            name=actor.name if actor else None,
            issuer=actor.issuer if actor else None,
            role=principal.role,
            url_prefixes=None if prefixes is None else list(prefixes),
        )
