"""The declaration of each mutation's required role."""

import pytest
import strawberry

from graph.auth.required_roles import RequiredRoles
from graph.schema.build import core_schema, create_schema


def test_every_mutation_declares_its_role() -> None:
    mutations = core_schema(create_schema()).mutation_type
    assert mutations is not None
    roles = {
        name: field.extensions["strawberry-definition"].metadata["role"].value
        for name, field in mutations.fields.items()
    }

    assert roles == {
        "registerModel": "write",
        "registerDataset": "write",
        "registerCode": "write",
        "registerArtifacts": "write",
        "updateModel": "write",
        "updateDataset": "write",
        "updateCode": "write",
        "rateModel": "write",
        "deleteArtifact": "admin",
        "restoreArtifact": "admin",
        "reset": "admin",
    }
    for name, role in roles.items():
        description = mutations.fields[name].description or ""
        assert description.endswith(f"Requires the role `{role}`.")


def test_a_mutation_that_declares_no_role_stops_the_start() -> None:
    @strawberry.type
    class Query:
        fine: bool

    @strawberry.type
    class Mutation:
        @strawberry.field
        def forgotten(self) -> bool:
            return True

    schema = core_schema(strawberry.Schema(Query, Mutation))

    with pytest.raises(TypeError, match="the mutation forgotten does not declare"):
        RequiredRoles(schema)
