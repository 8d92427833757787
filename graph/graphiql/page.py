"""The explorer: the page that shows GraphiQL, the documentation, and the files that they load.

GraphiQL is installed with npm next to this file; the page loads it from a CDN only on request.
All URLs of this server are relative to the page, so that they are right under any path prefix.
"""

from pathlib import Path
from secrets import token_urlsafe
from string import Template

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from graph.graphiql.documentation import PAGES, fill_page

_FOLDER = Path(__file__).parent
_NODE_MODULES = _FOLDER / "node_modules"
_CDN = "https://cdn.jsdelivr.net"
PACKAGES = {
    "react.js": ("react", "18.3.1", "umd/react.production.min.js"),
    "react-dom.js": ("react-dom", "18.3.1", "umd/react-dom.production.min.js"),
    "graphiql.js": ("graphiql", "4.1.2", "graphiql.min.js"),
    "graphiql.css": ("graphiql", "4.1.2", "graphiql.min.css"),
    "graphql-sse.js": ("graphql-sse", "2.6.1", "umd/graphql-sse.min.js"),
    "markdown-it.js": ("markdown-it", "14.3.3", "dist/markdown-it.min.js"),
    "dagre.js": ("@dagrejs/dagre", "3.1.3", "dist/dagre.min.js"),
}
"""The npm package, version and path of each file that the pages load from node_modules."""
_OWN_FILES = {path.name for path in _FOLDER.iterdir() if path.suffix in (".css", ".js")}
_WORKER = "lineage-layout.js"
"""The script of a web worker, which obeys the policy of its own response."""


def render_explorer(request: Request) -> Response:
    """Return the page with GraphiQL, or with instructions if GraphiQL is not installed.

    With `?graphiql=cdn` the page loads GraphiQL from the CDN. All paths in it are relative,
    because a reverse proxy may show it below another path.
    """
    if _is_from_cdn(request):
        urls = {_to_placeholder(name): _get_cdn_url(name) for name in PACKAGES}
        return _render_template("explorer.html", f"'self' {_CDN}", urls)
    if not all(_get_installed_path(name).is_file() for name in PACKAGES):
        return _render_template("missing.html", "'self'", {})
    urls = {_to_placeholder(name): f"explorer/{name}" for name in PACKAGES}
    return _render_template("explorer.html", "'self'", urls)


async def serve_file(request: Request) -> Response:
    """Return a page of the documentation, or a file that the pages load, by its name."""
    name = request.path_params["name"]
    if name in PAGES:
        return _render_template("documentation.html", "'self'", fill_page(name))
    path = _find_file(name)
    if path is None or not path.is_file():
        return Response("File not found.", 404, media_type="text/plain")
    headers = {"cache-control": "no-cache"}
    if name == _WORKER:
        origins = f"'self' {_CDN}" if _is_from_cdn(request) else "'self'"
        headers["content-security-policy"] = f"default-src 'none'; script-src {origins}"
    return FileResponse(path, headers=headers)


def _is_from_cdn(request: Request) -> bool:
    return request.query_params.get("graphiql") == "cdn"


def _find_file(name: str) -> Path | None:
    if name in _OWN_FILES:
        return _FOLDER / name
    return _get_installed_path(name) if name in PACKAGES else None


def _render_template(name: str, origins: str, placeholders: dict[str, str]) -> Response:
    template = Template((_FOLDER / name).read_text())
    nonce = token_urlsafe()
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

    GraphiQL's dialogs insert a style element, which needs the nonce; start.js passes it on.
    """
    return (
        f"default-src 'none'; script-src {origins}; style-src {origins} 'nonce-{nonce}'; "
        "worker-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
