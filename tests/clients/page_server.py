"""Serves the catalogue page from an origin of its own, for the API of a server on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import BinaryIO

PAGE = Path(__file__).parent / "catalogue"
API_IN_PAGE = "http://127.0.0.1:8000"


class _Handler(SimpleHTTPRequestHandler):
    """Sends the files of the page, which names the API as its operator would let it."""

    def __init__(self, api: str, *arguments: object) -> None:
        self._api = api
        super().__init__(*arguments, directory=str(PAGE))  # type: ignore[arg-type]

    def send_head(self) -> BytesIO | BinaryIO | None:
        if self.path != "/":
            return super().send_head()
        content = (PAGE / "index.html").read_text().replace(API_IN_PAGE, self._api).encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        return BytesIO(content)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def serving_page(api: str) -> Iterator[str]:
    """Yield the origin of the page."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, api)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
