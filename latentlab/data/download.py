"""Downloads a set by name: with progress, to be cancelled, and to go on later.

pooch checks what has come and puts it in its place. Going on where it stopped, cancelling, and
believing no server about sizes is ours.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pooch
import requests

from latentlab.data.remote import RemoteFile, RemoteSet
from latentlab.errors import InputError, not_written

PATIENCE = 20.0
"""Seconds without a byte after which a server counts as gone."""
_CHUNK = 1 << 16
_WHOLE, _PART = 200, 206


class CancelledError(Exception):
    """The user has cancelled; what has come is kept, and the next download goes on from there."""


def download(
    remote: RemoteSet,
    folder: Path,
    progress: Callable[[int], None],
    cancelled: Callable[[], bool],
    patience: float = PATIENCE,
) -> None:
    """Bring all files of `remote` to `folder`; those that are there already are checked.

    progress: told how many bytes of the set are there, whenever some have come. cancelled: asked
    as often. A file is at its place only with the right SHA-256; before that it has the suffix
    ".part". Raises InputError (offline, a server that lies, a full disk) and CancelledError.
    """
    # It would tell on standard error what is told here already.
    pooch.get_logger().setLevel(logging.ERROR)
    done = 0
    for file in remote.files:
        fetch = _Fetch(file, folder, progress, cancelled, patience, done)
        try:
            fetch.run(remote.host)
        except requests.RequestException as error:
            raise InputError(
                f"{remote.name} could not be downloaded from {remote.host} "
                f"({_reason(error)}): check the connection, then try again; it goes on where it "
                "stopped."
            ) from error
        except OSError as error:
            raise InputError(not_written(folder / file.name, error)) from error
        done += file.size
        progress(done)


@dataclass(frozen=True)
class _Fetch:
    """One file. before: bytes of the set that are there without it."""

    file: RemoteFile
    folder: Path
    progress: Callable[[int], None]
    cancelled: Callable[[], bool]
    patience: float
    before: int

    def run(self, host: str) -> None:
        self._look()
        try:
            pooch.retrieve(
                host + self.file.name,
                known_hash=f"sha256:{self.file.sha256}",
                fname=self.file.name,
                path=self.folder,
                downloader=self._download,
            )
        except ValueError as error:  # what pooch says of a hash
            raise InputError(
                f"{host}{self.file.name} is not the file that it should be (its SHA-256 differs), "
                "so it was not kept: try again later, or get the set elsewhere."
            ) from error

    def _download(self, url: str, target: str, _pooch: object) -> None:
        """What pooch calls: leave the file at `target`."""
        part = self.folder / f"{self.file.name}.part"
        have = part.stat().st_size if part.exists() else 0
        if have > self.file.size:
            have = 0
        if have < self.file.size:
            self._receive(url, part, have)
        part.replace(target)

    def _receive(self, url: str, part: Path, have: int) -> None:
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        with requests.get(url, headers=headers, stream=True, timeout=self.patience) as response:
            if response.status_code == _WHOLE:
                have = 0  # also where a part was asked for
            elif not (have and response.status_code == _PART and _starts_at(response, have)):
                raise InputError(
                    f"{url} could not be downloaded: the server answered {response.status_code} "
                    f"{response.reason}; try again later."
                )
            announced = response.headers.get("Content-Length", "")
            if announced.isdecimal() and int(announced) != self.file.size - have:
                raise self._wrong_size(url, have + int(announced))
            with part.open("ab" if have else "wb") as out:
                for chunk in response.iter_content(_CHUNK):
                    have += len(chunk)
                    if have > self.file.size:
                        break
                    out.write(chunk)
                    self._look(have)
        if have > self.file.size:
            part.unlink()
            raise self._wrong_size(url, have)
        if have < self.file.size:
            raise InputError(
                f"{url} ended after {have:,} of {self.file.size:,} bytes: try again; it goes on "
                "where it stopped."
            )

    def _look(self, have: int = 0) -> None:
        if self.cancelled():
            raise CancelledError
        self.progress(self.before + have)

    def _wrong_size(self, url: str, size: int) -> InputError:
        return InputError(
            f"{url} has {size:,} bytes or more, where it should have {self.file.size:,}, so it was "
            "not kept: try again later, or get the set elsewhere."
        )


def _starts_at(response: requests.Response, have: int) -> bool:
    return str(response.headers.get("Content-Range", "")).startswith(f"bytes {have}-")


def _reason(error: requests.RequestException) -> str:
    """In a few words; what requests says of a name that is not found fills a screen."""
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "no answer"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke"
    return "no connection"
