"""A server on this machine for downloads: honest, or not."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """What the server does. files: by name. asked: (name, range asked for) of each request.

    behaviour: "honest"; "no ranges": sends all of a file whatever is asked; "breaks": closes in
    the middle of what it announced; "ends early": announces nothing, and stops; "stalls": sends
    half, then nothing until `release`; "announces more"; "sends more"; "wrong bytes"; "refuses".
    """

    files: dict[str, bytes]
    behaviour: str = "honest"
    asked: list[tuple[str, str]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    host: str = ""


@contextmanager
def serving(files: dict[str, bytes]) -> Generator[Served]:
    """A server in a thread, while the context lasts."""
    served = Served(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, served)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.host = f"http://127.0.0.1:{server.server_port}/set/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield served
    finally:
        served.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(request: BaseHTTPRequestHandler, served: Served) -> None:
    name, asked = request.path.removeprefix("/set/"), request.headers.get("Range", "")
    served.asked.append((name, asked))
    behaviour, content = served.behaviour, served.files.get(name)
    if behaviour == "refuses" or content is None:
        request.send_error(503 if content else 404)
        return
    if behaviour == "wrong bytes":
        content = bytes(255 - byte for byte in content)
    start = 0 if behaviour == "no ranges" or not asked else int(asked[6:].rstrip("-"))
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    body, half = content[start:], (len(content) - start) // 2
    if behaviour == "sends more":
        body += b"more" * 100_000
    elif behaviour not in ("ends early",):
        more = 7 if behaviour == "announces more" else 0
        request.send_header("Content-Length", str(len(body) + more))
    request.end_headers()
    try:
        if behaviour in ("breaks", "ends early", "stalls"):
            request.wfile.write(body[:half])
            request.wfile.flush()
            if behaviour == "stalls":
                served.release.wait(60)
        else:
            request.wfile.write(body)
    except OSError:
        return  # the client has gone, as it may
