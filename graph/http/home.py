"""The page at `/`, which leads to the explorer."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

_PATHS = {"graphql": "graphql", "schema": "schema.graphql"}


async def redirect_to_explorer(request: Request) -> Response:
    """Redirect to the explorer, below the root path."""
    return RedirectResponse(_locate(request, "graphql"))


async def list_paths(request: Request) -> Response:
    """Tell where the API and its schema are, where there is no explorer to show them."""
    paths = {name: _locate(request, path) for name, path in _PATHS.items()}
    return JSONResponse({"name": "Artifact registry", **paths})


def _locate(request: Request, path: str) -> str:
    """Return a path of the server; without a root path, a proxy may have one that it strips."""
    root_path = request.scope.get("root_path", "")
    return f"{root_path}/{path}" if root_path else path
