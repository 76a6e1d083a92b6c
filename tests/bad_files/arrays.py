"""Files of arrays and of text that must be refused."""

import io
import zipfile
from pathlib import Path

import numpy as np

from tests.bad_files.entry import BadFile

_IMAGES = np.random.default_rng(0).integers(0, 256, (20, 9, 9), np.uint8)
_ROW = ",".join(["7"] * 81)


def npy(array: np.ndarray) -> bytes:
    """A .npy file, pickled where it holds objects."""
    content = io.BytesIO()
    np.save(content, array, allow_pickle=True)
    return content.getvalue()


def lying(shape: tuple[int, ...], body: bytes = b"", descr: str = "|u1") -> bytes:
    """A .npy file with a header of this shape, whatever follows."""
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        content, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return content.getvalue() + body


def npz(**members: bytes) -> bytes:
    """A compressed .npz file of these .npy files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(f"{name}.npy", member)
    return content.getvalue()


_NPZ = npz(x=npy(_IMAGES))

# the file's name: (the exhibit's, what to find in the sentence, the content)
_EXHIBITS: dict[str, tuple[str, str, bytes]] = {
    "a.npy": ("npy-objects", r"holds Python objects", npy(np.array([{}, []], object))),
    "b.npy": ("npy-text", r"is no NumPy array", b"these are no numbers"),
    "c.npy": ("npy-empty", r"is no NumPy array", b""),
    "d.npy": (
        "npy-gigabytes-declared",
        r"declares an array of 488\.3 GiB; up to 1 GiB",
        lying((2**16, 1000, 1000), descr="<f8"),
    ),
    "e.npy": (
        "npy-cut",
        r"declares 1620 bytes of values but holds 81;",
        lying((20, 9, 9), bytes(81)),
    ),
    "f.npy": ("npy-more", r"declares 81 bytes .* holds more;", lying((1, 9, 9), bytes(99))),
    "g.npy": ("npy-vectors-all-equal", r"than two different rows", npy(np.zeros((5, 1000)))),
    "n.npy": (
        "npy-vectors-too-long",
        r"holds rows of 5,000 numbers; give it vectors of 2 to 4,096 values",
        lying((100, 5000)),
    ),
    "o.npy": (
        "npy-vectors-of-one",
        r"holds rows of 1 number; give it vectors",
        npy(np.arange(9.0)[:, None]),
    ),
    "p.npy": (
        "npy-vectors-infinite",
        r"a value in column 3 that is no finite number",
        npy(np.array([[0, 1, np.inf, 3, 4], [0, 1, 2, 3, 4]])),
    ),
    "q.npy": (
        "npy-vectors-far-apart",
        r"values too far apart to be scaled",
        npy(np.array([[-1.7e308, 1, 2], [1.7e308, 1, 2]])),
    ),
    "h.npy": ("npy-one-number", r"declares a single number", npy(np.array(7))),
    "i.npy": (
        "npy-nan",
        r"values that are not numbers \(NaN\); fill them in",
        npy(np.full((9, 9, 9), np.nan)),
    ),
    "j.npy": (
        "npy-too-bright",
        r"values from 0 to 256; scale them",
        npy(np.arange(0, 257).repeat(81).reshape(257, 9, 9)),
    ),
    "k.npy": ("npy-complex", r"of the type complex128", npy(np.zeros((9, 9, 9), complex))),
    "l.npy": ("npy-one-image", r"fewer than two different images", npy(_IMAGES[:1])),
    "m.npy": ("npy-too-large", r"8 to 128 pixels a side", npy(np.zeros((2, 200, 200), np.uint8))),
    "a.npz": ("npz-objects", r"holds Python objects", npz(x=npy(np.array([{}], object)))),
    "b.npz": ("npz-text", r"no whole \.npz file", b"these are no numbers"),
    "c.npz": ("npz-cut", r"no whole \.npz file", _NPZ[: len(_NPZ) // 2]),
    "d.npz": (
        "npz-unfolds-to-gigabytes",
        r"declares an array of 2\.3 GiB",
        npz(x=lying((150_000, 128, 128), bytes(1 << 24))),
    ),
    "e.npz": ("npz-bomb", r"but holds more;", npz(x=lying((1, 9, 9), bytes(1 << 24)))),
    "f.npz": (
        "npz-names",
        r"holds left, right; its images",
        npz(left=npy(_IMAGES), right=npy(_IMAGES)),
    ),
    "g.npz": (
        "npz-too-few-labels",
        r"20 images but labels of the shape 19",
        npz(x=npy(_IMAGES), y=npy(np.zeros(19, int))),
    ),
    "h.npz": (
        "npz-pickled-labels",
        r"holds Python objects",
        npz(x=npy(_IMAGES), y=npy(np.array(["a"] * 20, object))),
    ),
    "j.npz": (
        "npz-two-sizes",
        r"has training images of 9×9 grey but test images of 8×9 grey; make them of one size",
        npz(x_train=npy(_IMAGES), x_test=npy(_IMAGES[:, :8])),
    ),
    "k.npz": (
        "npz-many-labels",
        r"has 300 different labels; up to 256",
        npz(x=npy(np.resize(_IMAGES, (300, 9, 9))), y=npy(np.arange(300))),
    ),
    "r.npy": ("npy-records", r"holds values of the type", npy(np.zeros(9, [("a", "f4")]))),
    "i.npz": ("npz-nothing", r"holds no arrays", npz()),
    "a.csv": (
        "csv-ragged",
        r"has 81 values in line 2 but 82 before",
        f"1,{_ROW}\n{_ROW}\n".encode(),
    ),
    "b.csv": (
        "csv-text",
        r"has text in line 2 where pixels",
        f"1,{_ROW}\n1,{_ROW[:-1]}x\n".encode(),
    ),
    "c.csv": (
        "csv-prose",
        r"has 1 value in line 2 but 2 before",
        b"Dear all,\nthese are no numbers.\n",
    ),
    "d.csv": ("csv-no-text", r"is no text in UTF-8", b"\xff\xfe\x00\x01" * 100),
    "e.csv": ("csv-empty", r"holds no line of numbers", b""),
    "f.csv": ("csv-heading-alone", r"holds no line of numbers", b"label,a,b,c\n"),
    "g.csv": ("csv-vectors-all-equal", r"than two different rows", b"0,1,2,3,4,5\n" * 2),
    "i.csv": ("csv-vectors-ragged", r"has 2 values in line 3 but 3 before", b"a,b,c\n1,2,3\n4,5\n"),
    "j.csv": (
        "csv-vectors-text",
        r"has text in line 3 where numbers belong",
        b"a,b,c\n1,2,3\n4,5,n/a\n",
    ),
    "k.csv": (
        "csv-vectors-not-finite",
        r"a value in column height that is no finite number",
        b"width,height,kind\n1,2,cat\n4,nan,dog\n",
    ),
    "l.csv": (
        "csv-vectors-too-long",
        r"holds rows of 5,000 numbers",
        b"\n".join([b",".join([b"%d" % n] * 5000) for n in (1, 2)]),
    ),
    "m.csv": (
        "csv-vectors-all-different-labels",
        r"has 300 different labels; up to 256",
        b"class,a,b\n" + b"".join(b"c%d,%d,2\n" % (n, n) for n in range(300)),
    ),
    "h.csv": ("csv-endless-line", r"more than 1,048,576 characters in line 1", b"1," * (1 << 20)),
}


def make_arrays(folder: Path) -> list[BadFile]:
    """Write every exhibit under `folder`."""
    folder.mkdir(parents=True)
    made = []
    for file, (name, message, content) in _EXHIBITS.items():
        (folder / file).write_bytes(content)
        made.append(BadFile(name, folder / file, "data", message))
    return made
