"""Ask a server's /livez every 5 ms, and print when an answer took long: start and seconds.

This is a process of its own, so that the work of the tests does not delay it.
"""

import socket
import sys
import time

PERIOD = 0.005
LONG = 0.02
REQUEST = b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n"


def probe(port: int) -> None:
    """Ask until the server or the test ends."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while True:
            start = time.monotonic()
            connection.sendall(REQUEST)
            answer = b""
            while not answer.endswith(b"}"):
                part = connection.recv(65_536)
                if not part:
                    return
                answer += part
            seconds = time.monotonic() - start
            if not answer.startswith(b"HTTP/1.1 200 "):
                sys.exit(f"/livez answered {answer!r}")
            if seconds > LONG:
                print(start, seconds, flush=True)  # noqa: T201 - the test reads it
            time.sleep(max(0, PERIOD - seconds))


if __name__ == "__main__":
    probe(int(sys.argv[1]))
