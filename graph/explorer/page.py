"""The explorer's page, and the files it needs: ours where they are installed, else a CDN's."""

from pathlib import Path
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
_OWN = ("explorer.js", "explorer.css")
_NOTICE = (
    '<p id="notice">GraphiQL comes from a CDN. To explore without the internet: '
    "<code>npm install --prefix graph/explorer</code></p>"
)


def explorer() -> Response:
    """The page, which loads nothing from elsewhere once the packages are installed."""
    installed = all(_installed(name).is_file() for name in PACKAGES)
    template = Template((_HERE / "explorer.html").read_text())
    page = template.substitute(
        {_placeholder(name): _source(name, installed=installed) for name in PACKAGES},
        notice="" if installed else _NOTICE,
    )
    origin = "'self'" if installed else f"'self' {_CDN}"
    return HTMLResponse(page, headers={"content-security-policy": _policy(origin)})


async def asset(request: Request) -> Response:
    """One of the files that the page needs, and nothing else."""
    name = request.path_params["name"]
    path = _HERE / name if name in _OWN else _installed(name) if name in PACKAGES else None
    if path is None or not path.is_file():
        return Response("There is no such file.", 404, media_type="text/plain")
    return FileResponse(path, headers={"cache-control": "no-cache"})


def _installed(name: str) -> Path:
    package, _, path = PACKAGES[name]
    return _MODULES / package / path


def _source(name: str, *, installed: bool) -> str:
    package, version, path = PACKAGES[name]
    if installed:
        return f"/explorer/{name}"
    return f"{_CDN}/npm/{package}@{version}/{path}"


def _placeholder(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


def _policy(origin: str) -> str:
    """What the page may load; the editor sets styles on its elements while it runs."""
    return (
        f"default-src 'none'; script-src {origin}; style-src {origin} 'unsafe-inline'; "
        "connect-src 'self'; img-src 'self' data:; font-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
