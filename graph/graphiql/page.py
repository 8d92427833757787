"""The explorer's page and its files: ours, or those of a CDN where somebody wants them."""

from pathlib import Path
from secrets import token_urlsafe
from string import Template

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

_HERE = Path(__file__).parent
_MODULES = _HERE / "node_modules"
_CDN = "https://cdn.jsdelivr.net"
PACKAGES = {
    "react.js": ("react", "18.3.1", "umd/react.production.min.js"),
    "react-dom.js": ("react-dom", "18.3.1", "umd/react-dom.production.min.js"),
    "graphiql.js": ("graphiql", "4.1.2", "graphiql.min.js"),
    "graphiql.css": ("graphiql", "4.1.2", "graphiql.min.css"),
}
_OWN = ("examples.js", "explorer.js", "explorer.css")


def explorer(request: Request) -> Response:
    """GraphiQL from our own files, or how to get these; from the CDN only if that is asked."""
    if request.query_params.get("graphiql") == "cdn":
        sources = {name: _on_the_cdn(name) for name in PACKAGES}
        return _page("explorer.html", f"'self' {_CDN}", sources)
    if not all(_installed(name).is_file() for name in PACKAGES):
        return _page("missing.html", "'self'", {})
    return _page("explorer.html", "'self'", {name: f"/explorer/{name}" for name in PACKAGES})


async def asset(request: Request) -> Response:
    """One of the files that the page needs, and nothing else."""
    name = request.path_params["name"]
    path = _HERE / name if name in _OWN else _installed(name) if name in PACKAGES else None
    if path is None or not path.is_file():
        return Response("There is no such file.", 404, media_type="text/plain")
    return FileResponse(path, headers={"cache-control": "no-cache"})


def _page(name: str, origin: str, sources: dict[str, str]) -> Response:
    template = Template((_HERE / name).read_text())
    nonce = token_urlsafe()
    places = {_placeholder(file): url for file, url in sources.items()}
    page = template.substitute(places, nonce=nonce)
    return HTMLResponse(page, headers={"content-security-policy": _policy(origin, nonce)})


def _installed(name: str) -> Path:
    package, _, path = PACKAGES[name]
    return _MODULES / package / path


def _on_the_cdn(name: str) -> str:
    package, version, path = PACKAGES[name]
    return f"{_CDN}/npm/{package}@{version}/{path}"


def _placeholder(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


def _policy(origin: str, nonce: str) -> str:
    """What the page may load, and that it may talk to nobody but us.

    GraphiQL's dialogs add a style to the page, which explorer.js tells the nonce.
    """
    return (
        f"default-src 'none'; script-src {origin}; style-src {origin} 'nonce-{nonce}'; "
        "connect-src 'self'; img-src 'self' data:; font-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
