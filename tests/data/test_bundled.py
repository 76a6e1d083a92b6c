from pathlib import Path

import numpy as np
import pytest

from latentlab.data import bundled
from latentlab.data.bundled import BUNDLED, load_bundled
from latentlab.errors import InputError
from latentlab.paths import RESOURCES

# Changing these changes what every shipped model was measured on.
SHA256 = {
    ("mnist", "train"): "0c01f6444d008a138e7c5fb6abd9b35151890bf09025e10c85d29f0519181e42",
    ("mnist", "test"): "0d012280c8665a9a895710c00479c22f3d7519a5ac522dad04fb9e2ad2463946",
    ("fashion-mnist", "train"): "b152222f0b8edf434d269461386aa52906d066b2154c023f4a4dba7a4e1829ba",
    ("fashion-mnist", "test"): "fdcaee98cfcb77394cf4d823f3b298523551dc42a04d787989a588ad16da19c4",
}


@pytest.mark.parametrize("name", BUNDLED)
def test_each_set_is_balanced_and_whole(name: str) -> None:
    pair = load_bundled(name)
    for split, count in ((pair.train, 10_000), (pair.test, 2_000)):
        assert split.images.shape == (count, 1, 28, 28)
        assert split.images.dtype == np.uint8
        assert split.labels.dtype == np.int64
        assert np.bincount(split.labels).tolist() == [count // 10] * 10
        assert len(split.class_names) == 10
        assert split.name == name
        assert split.sha256 == SHA256[name, split.split]
        # Shuffled: no class is missing from a short run of images.
        assert len(set(split.labels[:100].tolist())) == 10
        assert (split.images.min(), split.images.max()) == (0, 255)


@pytest.mark.parametrize("name", BUNDLED)
def test_no_image_is_in_both_splits(name: str) -> None:
    pair = load_bundled(name)
    train, test = ({i.tobytes() for i in split.images} for split in (pair.train, pair.test))
    assert not train & test


def test_the_names_and_licences_are_those_of_the_sets() -> None:
    mnist, fashion = load_bundled("mnist").train, load_bundled("fashion-mnist").train
    assert mnist.class_names == tuple("0123456789")
    assert fashion.class_names[0] == "T-shirt"
    assert fashion.class_names[9] == "Ankle boot"
    assert mnist.licence == "CC BY-SA 3.0"
    assert fashion.licence == "MIT"
    readme = (RESOURCES / "data" / "README.md").read_text(encoding="utf-8")
    assert all(name in readme for name in ("LeCun", "Cortes", "Burges", "Zalando", "ShareAlike"))


def test_trousers_have_two_legs_and_ones_are_thin() -> None:
    """The labels belong to the images: properties that other classes lack."""
    fashion, mnist = load_bundled("fashion-mnist").train, load_bundled("mnist").train
    means = [fashion.images[fashion.labels == c].mean(axis=(0, 1)) for c in range(10)]
    trouser = fashion.class_names.index("Trouser")
    gap = [mean[22, 13:15].mean() / mean[22, 9:19].max() for mean in means]
    assert np.argmin(gap) == trouser
    ink = [mnist.images[mnist.labels == c].mean() for c in range(10)]
    assert np.argmin(ink) == 1


def test_both_together_are_small_enough_to_ship() -> None:
    assert sum((RESOURCES / "data" / f"{name}.npz").stat().st_size for name in BUNDLED) <= 8e6


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(InputError, match="cifar is not a bundled set; choose mnist or fashion"):
        load_bundled("cifar")


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "flipped", "pickle"])
def test_a_damaged_installation_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    whole = (RESOURCES / "data" / "mnist.npz").read_bytes()
    path = tmp_path / "data" / "mnist.npz"
    path.parent.mkdir()
    if damage == "pickle":
        np.savez(path, train_images=np.array([{"a": 1}], dtype=object))
    elif damage != "missing":
        half = len(whole) // 2
        flipped = whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :]
        path.write_bytes({"empty": b"", "truncated": whole[:half], "flipped": flipped}[damage])
    monkeypatch.setattr(bundled, "RESOURCES", tmp_path)
    with pytest.raises(InputError, match="missing or damaged") as caught:
        load_bundled("mnist")
    assert str(path) in str(caught.value)
