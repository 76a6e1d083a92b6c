"""Whole sets that can be downloaded by name, and where they are kept."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from latentlab.data.bundled import class_names
from latentlab.data.dataset import DataPair
from latentlab.errors import InputError

FOLDER_VARIABLE = "LATENTLAB_DATA"


@dataclass(frozen=True)
class RemoteFile:
    """One file of a set: its name, its size in bytes, and the SHA-256 of its bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class RemoteSet:
    """A set of IDX files, gzipped, beneath `host` (which ends with a slash)."""

    name: str
    host: str
    files: tuple[RemoteFile, ...]
    class_names: tuple[str, ...]
    source: str
    licence: str

    @property
    def size(self) -> int:
        """Bytes, of all files."""
        return sum(file.size for file in self.files)

    @property
    def megabytes(self) -> str:
        """The size, for people."""
        return f"{self.size / 1e6:.1f} MB"


def _files(*known: tuple[int, str]) -> tuple[RemoteFile, ...]:
    """Of sizes and hashes in the order of these names."""
    names = (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    )
    return tuple(RemoteFile(name, *of) for name, of in zip(names, known, strict=True))


# Sizes and hashes are those that TensorFlow Datasets publishes for these addresses.
_ALL = (
    RemoteSet(
        name="mnist-full",
        host="https://storage.googleapis.com/cvdf-datasets/mnist/",
        files=_files(
            (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ),
        class_names=class_names("mnist"),
        source="MNIST: Yann LeCun, Corinna Cortes, Christopher J. C. Burges",
        licence="CC BY-SA 3.0",
    ),
    RemoteSet(
        name="fashion-mnist-full",
        host="http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        files=_files(
            (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ),
        class_names=class_names("fashion-mnist"),
        source="Fashion-MNIST: Zalando Research",
        licence="MIT",
    ),
    RemoteSet(
        name="kmnist",
        host="http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        files=_files(
            (18165135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
            (29497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
            (3041136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
            (5120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
        ),
        class_names=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        source="KMNIST: ROIS-DS Center for Open Data in the Humanities, adapted from Kuzushiji "
        "Dataset of the National Institute of Japanese Literature and others",
        licence="CC BY-SA 4.0",
    ),
)

REMOTE = {remote.name: remote for remote in _ALL}


def data_folder() -> Path:
    """Where downloaded sets are: the user's data folder, or where LATENTLAB_DATA says."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else platformdirs.user_data_path("latentlab", False) / "data"


def folder_of(remote: RemoteSet) -> Path:
    """Where its files are, once it is downloaded."""
    return data_folder() / remote.name


def is_here(remote: RemoteSet) -> bool:
    """Whether all its files are there; each came there only once its hash was right."""
    return all((folder_of(remote) / file.name).is_file() for file in remote.files)


def open_remote(remote: RemoteSet) -> DataPair:
    """The set from the user's folder; nothing is downloaded. Raises InputError if it is not there.

    As with any IDX file, every header is checked against what is there.
    """
    if not is_here(remote):
        raise InputError(
            f"{remote.name} is not downloaded yet: latentlab data {remote.name} does it, and so "
            f"does Download data in the File menu ({remote.megabytes}, {remote.licence})."
        )
    from latentlab.data.idx import open_idx  # noqa: PLC0415

    pair = open_idx(folder_of(remote))
    train, test = (
        replace(
            split,
            name=remote.name,
            class_names=remote.class_names,
            source=remote.source,
            licence=remote.licence,
        )
        for split in (pair.train, pair.test)
    )
    return DataPair(train, test)
