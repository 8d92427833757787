"""The path prefix under which a reverse proxy shows the server, whether it strips it or not."""

from starlette.types import ASGIApp, Receive, Scope, Send


class RootPathMiddleware:
    """Tells the application its root path as ASGI has it: the path of each request has it, too.

    A request to the root path itself is one to the `/` below it.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] == "http":
            scope = {
                **scope,
                "root_path": self._root_path,
                "path": self._complete(scope["path"]),
            }
        await self._app(scope, receive, send)

    def _complete(self, path: str) -> str:
        if path == self._root_path:
            return f"{path}/"
        return path if path.startswith(f"{self._root_path}/") else f"{self._root_path}{path}"
