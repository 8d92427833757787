"""The tokens, headers and operations of the tests of authentication."""

import httpx

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from tests.graph.clients import BERT

READ = "{ models { totalCount } }"
WRITE = f'mutation {{ registerModel(input: {{ url: "{BERT}" }}) {{ model {{ name }} }} }}'
ADMIN = 'mutation { deleteArtifact(id: "a") { deletedId } }'

ROLES = ("read", "write", "admin")
TOKENS = {role: create_token(role, Role(role)) for role in ROLES}
"""A token of each role, with its entry."""


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def error_code(answer: httpx.Response) -> str | None:
    errors = answer.json().get("errors")
    return errors[0]["extensions"]["code"] if errors else None
