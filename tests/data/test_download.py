import gzip
import hashlib
import socket
import struct
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latentlab.data import remote as remote_module
from latentlab.data.download import CancelledError, download
from latentlab.data.named import names_here
from latentlab.data.open import open_data
from latentlab.data.remote import REMOTE, RemoteFile, RemoteSet, is_here
from latentlab.errors import InputError
from tests.data.server import Served, serving

LARGE = "train-images-idx3-ubyte.gz"
COUNT = 400


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


def content() -> dict[str, bytes]:
    # Noise, so that it is as large zipped: many chunks.
    rng = np.random.default_rng(0)
    images, few = (rng.integers(0, 256, (n, 28, 28), np.uint8) for n in (COUNT, 20))
    return {
        LARGE: idx(images),
        "train-labels-idx1-ubyte.gz": idx((np.arange(COUNT) % 10).astype(np.uint8)),
        "t10k-images-idx3-ubyte.gz": idx(few),
        "t10k-labels-idx1-ubyte.gz": idx((np.arange(20) % 10).astype(np.uint8)),
    }


@pytest.fixture
def served() -> Generator[Served]:
    with serving(content()) as server:
        yield server


@pytest.fixture
def kmnist(served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RemoteSet:
    """Under that name what the local server has; downloaded sets are in a folder of the test."""
    known = tuple(
        RemoteFile(name, len(data), hashlib.sha256(data).hexdigest())
        for name, data in served.files.items()
    )
    local = replace(REMOTE["kmnist"], host=served.host, files=known)
    monkeypatch.setitem(REMOTE, "kmnist", local)
    monkeypatch.setenv(remote_module.FOLDER_VARIABLE, str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return local


class Watcher:
    """Keeps what progress says; cancels once that many bytes are there."""

    def __init__(self, stop_at: float = float("inf")) -> None:
        self.said: list[int] = []
        self.stop_at = stop_at

    def progress(self, done: int) -> None:
        self.said.append(done)

    def cancelled(self) -> bool:
        return bool(self.said) and self.said[-1] >= self.stop_at


def fetch(remote: RemoteSet, watcher: Watcher | None = None, patience: float = 30) -> None:
    watcher = watcher or Watcher()
    folder = remote_module.folder_of(remote)
    download(remote, folder, watcher.progress, watcher.cancelled, patience)


def refusal(remote: RemoteSet, patience: float = 30) -> str:
    with pytest.raises(InputError) as caught:
        fetch(remote, patience=patience)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 400
    return sentence


def part(remote: RemoteSet) -> Path:
    return remote_module.folder_of(remote) / f"{LARGE}.part"


def test_a_set_is_downloaded_whole_and_opens_under_its_name(kmnist: RemoteSet) -> None:
    assert "kmnist" not in names_here()
    with pytest.raises(InputError, match=r"not downloaded yet: latentlab data kmnist .*BY-SA 4.0"):
        open_data("kmnist")
    watcher = Watcher()
    fetch(kmnist, watcher)
    assert watcher.said == sorted(watcher.said)
    assert watcher.said[-1] == kmnist.size
    assert len(set(watcher.said)) > 6
    assert "kmnist" in names_here()
    pair = open_data("kmnist")
    assert (len(pair.train), len(pair.test)) == (COUNT, 20)
    assert (pair.name, pair.train.licence) == ("kmnist", "CC BY-SA 4.0")
    assert pair.train.class_names[1] == "ki"
    assert pair.train.labels[:12].tolist() == [*range(10), 0, 1]
    names = {path.name for path in remote_module.folder_of(kmnist).iterdir()}
    assert names == {file.name for file in kmnist.files}


def test_what_is_there_is_not_downloaded_again(served: Served, kmnist: RemoteSet) -> None:
    fetch(kmnist)
    served.asked.clear()
    fetch(kmnist)
    assert served.asked == []


def test_what_was_damaged_since_is_downloaded_again(served: Served, kmnist: RemoteSet) -> None:
    fetch(kmnist)
    labels = remote_module.folder_of(kmnist) / kmnist.files[1].name
    labels.write_bytes(b"damaged")
    served.asked.clear()
    fetch(kmnist)
    assert [name for name, _ in served.asked] == [kmnist.files[1].name]
    assert labels.read_bytes() == served.files[kmnist.files[1].name]


def test_a_download_can_be_cancelled_and_goes_on_from_there(
    served: Served, kmnist: RemoteSet
) -> None:
    with pytest.raises(CancelledError):
        fetch(kmnist, Watcher(stop_at=100_000))
    have = part(kmnist).stat().st_size
    assert 100_000 <= have < len(served.files[LARGE])
    assert not is_here(kmnist)
    served.asked.clear()
    fetch(kmnist)
    assert served.asked[0] == (LARGE, f"bytes={have}-")
    assert len(open_data("kmnist").train) == COUNT


def test_a_server_that_cannot_go_on_sends_all_of_it(served: Served, kmnist: RemoteSet) -> None:
    with pytest.raises(CancelledError):
        fetch(kmnist, Watcher(stop_at=100_000))
    served.behaviour = "no ranges"
    fetch(kmnist)
    assert len(open_data("kmnist").train) == COUNT


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("breaks", "the connection broke"),
        ("ends early", "it goes on where it stopped"),
        ("stalls", "no answer"),
    ],
)
def test_what_came_before_a_fault_is_kept(
    served: Served, kmnist: RemoteSet, behaviour: str, said: str
) -> None:
    served.behaviour = behaviour
    assert said in refusal(kmnist, patience=3 if behaviour == "stalls" else 30)
    assert 0 < part(kmnist).stat().st_size < len(served.files[LARGE])
    assert not is_here(kmnist)
    served.behaviour = "honest"
    served.asked.clear()
    fetch(kmnist)
    assert served.asked[0][1].startswith("bytes=")
    assert is_here(kmnist)


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("wrong bytes", "its SHA-256 differs"),
        ("announces more", "where it should have"),
        ("sends more", "where it should have"),
        ("refuses", "the server answered 503"),
    ],
)
def test_a_server_that_lies_leaves_nothing(
    served: Served, kmnist: RemoteSet, behaviour: str, said: str
) -> None:
    served.behaviour = behaviour
    sentence = refusal(kmnist)
    assert said in sentence
    assert served.host in sentence
    assert list(remote_module.folder_of(kmnist).iterdir()) == []
    served.behaviour = "honest"
    fetch(kmnist)
    assert is_here(kmnist)


@pytest.mark.parametrize("left", ["too long", "other bytes"])
def test_a_part_that_does_not_belong_there_is_dropped_in_the_end(
    served: Served, kmnist: RemoteSet, left: str
) -> None:
    part(kmnist).parent.mkdir(parents=True)
    size = len(served.files[LARGE])
    part(kmnist).write_bytes(b"x" * (size + 1 if left == "too long" else 1_000))
    if left == "other bytes":
        assert "SHA-256" in refusal(kmnist)
    fetch(kmnist)
    assert is_here(kmnist)


def test_without_a_network_a_sentence_says_so(kmnist: RemoteSet) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    sentence = refusal(replace(kmnist, host=host))
    assert sentence == (
        f"kmnist could not be downloaded from {host} (no connection): check the connection, then "
        "try again; it goes on where it stopped."
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_full_disk_is_told(kmnist: RemoteSet) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        sentence = refusal(kmnist)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "could not be written" in sentence
    fetch(kmnist)
    assert is_here(kmnist)


def test_the_known_sets_are_those_of_mnists_form() -> None:
    assert list(REMOTE) == ["mnist-full", "fashion-mnist-full", "kmnist"]
    for remote in REMOTE.values():
        assert len(remote.files) == 4
        assert len(remote.class_names) == 10
        assert remote.host.endswith("/")
        assert all(len(bytes.fromhex(file.sha256)) == 32 for file in remote.files)
        assert len({file.sha256 for file in remote.files}) == 4
