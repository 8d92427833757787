"""The explorer: the page that shows GraphiQL, and the files that it loads.

GraphiQL is installed with npm next to this file; the page loads it from a CDN only on request.
"""

from pathlib import Path
from secrets import token_urlsafe
from string import Template

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

_FOLDER = Path(__file__).parent
_NODE_MODULES = _FOLDER / "node_modules"
_CDN = "https://cdn.jsdelivr.net"
PACKAGES = {
    "react.js": ("react", "18.3.1", "umd/react.production.min.js"),
    "react-dom.js": ("react-dom", "18.3.1", "umd/react-dom.production.min.js"),
    "graphiql.js": ("graphiql", "4.1.2", "graphiql.min.js"),
    "graphiql.css": ("graphiql", "4.1.2", "graphiql.min.css"),
}
"""The npm package, version and path of each file that the page loads from node_modules."""
_OWN_FILES = ("examples.js", "explorer.js", "explorer.css")


def render_explorer(request: Request) -> Response:
    """Return the page with GraphiQL, or with instructions if GraphiQL is not installed.

    With `?graphiql=cdn` the page loads GraphiQL from the CDN. All paths in it are relative,
    because a reverse proxy may show it below another path.
    """
    if request.query_params.get("graphiql") == "cdn":
        urls = {name: _get_cdn_url(name) for name in PACKAGES}
        return _render_template("explorer.html", f"'self' {_CDN}", urls)
    if not all(_get_installed_path(name).is_file() for name in PACKAGES):
        return _render_template("missing.html", "'self'", {})
    urls = {name: f"explorer/{name}" for name in PACKAGES}
    return _render_template("explorer.html", "'self'", urls)


async def serve_file(request: Request) -> Response:
    """Return one of the files that the page loads; all other names are not found."""
    path = _find_file(request.path_params["name"])
    if path is None or not path.is_file():
        return Response("File not found.", 404, media_type="text/plain")
    return FileResponse(path, headers={"cache-control": "no-cache"})


def _find_file(name: str) -> Path | None:
    if name in _OWN_FILES:
        return _FOLDER / name
    return _get_installed_path(name) if name in PACKAGES else None


def _render_template(name: str, origins: str, urls: dict[str, str]) -> Response:
    template = Template((_FOLDER / name).read_text())
    nonce = token_urlsafe()
    placeholders = {_to_placeholder(file): url for file, url in urls.items()}
    page = template.substitute(placeholders, nonce=nonce)
    return HTMLResponse(
        page, headers={"content-security-policy": _format_policy(origins, nonce)}
    )


def _get_installed_path(name: str) -> Path:
    package, _, path = PACKAGES[name]
    return _NODE_MODULES / package / path


def _get_cdn_url(name: str) -> str:
    package, version, path = PACKAGES[name]
    return f"{_CDN}/npm/{package}@{version}/{path}"


def _to_placeholder(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


def _format_policy(origins: str, nonce: str) -> str:
    """Format the policy: scripts and styles from some origins, requests to this server only.

    GraphiQL's dialogs insert a style element, which needs the nonce; explorer.js passes it on.
    """
    return (
        f"default-src 'none'; script-src {origins}; style-src {origins} 'nonce-{nonce}'; "
        "connect-src 'self'; img-src 'self' data:; font-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
