"""Whatever is opened, model and data fit each other, or a sentence says why not."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latentlab.app.opening import (
    DEFAULT_DATA,
    DEFAULT_MODEL,
    Opened,
    new_network,
    open_anything,
    open_both,
    open_images,
    open_model,
)
from latentlab.core.checkpoint import save_checkpoint
from latentlab.data.open import open_data
from latentlab.errors import InputError
from latentlab.paths import find_model
from tests.app.examples import write_images, write_model
from tests.check import ROOT

LONG = "x" * 5_000


@pytest.fixture
def dots(tmp_path: Path) -> Path:
    """A folder with 4×4 images."""
    return write_images(tmp_path / "dots")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The shipped model as a user's own file."""
    return Path(shutil.copy(find_model(DEFAULT_MODEL), tmp_path / "mine.safetensors"))


# --- models --------------------------------------------------------------------------------------


def test_a_shipped_name_brings_its_data_and_its_points() -> None:
    opened = open_model("mnist-2d-live")
    assert (opened.model, opened.data, opened.title) == (
        "mnist-2d-live",
        "mnist",
        "mnist-2d-live",
    )
    assert opened.pair.train.name == "mnist"
    cloud = opened.stored_cloud
    assert cloud is not None
    assert cloud.mu.shape == cloud.logvar.shape == (len(opened.pair.train), 2)
    assert opened.checkpoint is not None
    assert cloud.step == opened.checkpoint.training["steps"] > 0


def test_a_path_brings_the_same(copied: Path, live: Opened) -> None:
    opened = open_model(str(copied))
    assert (opened.model, opened.data, opened.title) == (str(copied), "mnist", "mine")
    assert opened.stored_cloud is not None
    assert live.stored_cloud is not None
    np.testing.assert_array_equal(opened.stored_cloud.mu, live.stored_cloud.mu)


def test_a_path_is_kept_whole(copied: Path, dots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session, or the next start, may be elsewhere."""
    monkeypatch.chdir(copied.parent)
    assert open_model(copied.name).model == str(copied)
    assert open_images(dots.name).data == str(dots)
    write_images(copied.parent / "mnist")
    assert open_images("./mnist").data == str(copied.parent / "mnist")


@pytest.mark.parametrize("name", ["no-such-model", "", "a\0b", LONG, f"{LONG}/{LONG}"])
def test_a_model_that_is_not_there_is_a_sentence(name: str) -> None:
    for opens in (open_model, open_anything):
        with pytest.raises(InputError, match=r"\.$"):
            opens(name)


@pytest.mark.parametrize("latent_dim", [1, 2, 3, 64])
def test_models_of_many_latent_dimensions_open(tmp_path: Path, latent_dim: int) -> None:
    path = write_model(tmp_path / "deep.safetensors", side=28, latent_dim=latent_dim)
    assert open_model(str(path)).latent_dim == latent_dim


@pytest.mark.parametrize("latent_dim", [65, 1024])
def test_a_model_of_too_many_latent_dimensions_is_refused(tmp_path: Path, latent_dim: int) -> None:
    path = write_model(tmp_path / "deep.safetensors", side=28, latent_dim=latent_dim)
    with pytest.raises(InputError) as refusal:
        open_model(str(path))
    sentence = str(refusal.value)
    assert sentence.startswith(f"{path} has {latent_dim:,} latent dimension")
    assert "latentlab evaluate" in sentence


def test_the_data_it_was_trained_on_are_kept(tmp_path: Path) -> None:
    """A folder called mnist is the user's own whole MNIST: it wins over the bundled part."""
    whole = write_images(tmp_path / "mnist", side=28)
    pair = open_data(str(whole))
    opened = open_model(DEFAULT_MODEL, (str(whole), pair))
    assert opened.pair is pair
    assert opened.data == str(whole)
    assert opened.stored_cloud is None


def test_data_of_that_name_that_do_not_fit_give_way(tmp_path: Path) -> None:
    small = write_images(tmp_path / "mnist", side=4)
    opened = open_model(DEFAULT_MODEL, (str(small), open_data(str(small))))
    assert opened.data == "mnist"
    assert opened.pair.train.image_shape == (1, 28, 28)


def test_other_data_give_way_to_those_it_was_trained_on() -> None:
    opened = open_model(DEFAULT_MODEL, ("fashion-mnist", open_data("fashion-mnist")))
    assert opened.data == "mnist"
    assert opened.stored_cloud is not None


@pytest.mark.parametrize("trained_on", ["elsewhere", "mnist"])
def test_a_model_of_unknown_data_takes_those_that_are_open(
    tmp_path: Path, dots: Path, trained_on: str
) -> None:
    path = write_model(tmp_path / "own.safetensors", side=4, trained_on=trained_on)
    pair = open_data(str(dots))
    opened = open_model(str(path), (str(dots), pair))
    assert opened.pair is pair
    assert opened.data == str(dots)


def test_a_model_of_unknown_data_takes_ours_if_no_others_fit(tmp_path: Path, dots: Path) -> None:
    path = write_model(tmp_path / "own.safetensors", side=28)
    assert open_model(str(path)).data == DEFAULT_DATA
    assert open_model(str(path), (str(dots), open_data(str(dots)))).data == DEFAULT_DATA


def test_a_model_that_no_data_fit_is_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path / "own.safetensors", side=4)
    for kept in (None, ("mnist", open_data("mnist"))):
        with pytest.raises(InputError) as refusal:
            open_model(str(path), kept)
        assert str(refusal.value) == (
            f"{path} takes images of 4×4 grey, but mnist has 28×28 grey: open its data first, or "
            "train a new network on mnist (Ctrl+N)."
        )
    # Those are named that the user sees.
    with pytest.raises(InputError, match=r"but shapes has \d+×\d+ grey: .* on shapes \(Ctrl"):
        open_model(str(path), ("shapes", open_data("shapes")))


def test_what_is_open_in_place_of_what_does_not_fit_is_told(live: Opened, dots: Path) -> None:
    pair = open_data(str(dots))
    assert open_images(str(dots), live).note == (
        "mnist-2d-live takes images of 28×28 grey, but dots has 4×4 grey: in its place is a new "
        "network, K = 2 (Ctrl+N for another K)."
    )
    assert open_model("mnist-2d-live", (str(dots), pair)).note == (
        "mnist-2d-live takes images of 28×28 grey, but dots has 4×4 grey: it is open with mnist "
        "in their place."
    )
    fitting = open_images("fashion-mnist", live), open_model("mnist-2d", ("mnist", live.pair))
    scratch = open_images(str(dots), new_network(live, 3)), open_images(str(dots))
    assert [opened.note for opened in (*fitting, *scratch)] == ["", "", "", ""]


# --- data ----------------------------------------------------------------------------------------


def test_data_alone_are_for_a_network_from_scratch(dots: Path) -> None:
    opened = open_images(str(dots))
    assert (opened.model, opened.checkpoint, opened.data) == (None, None, str(dots))
    assert (opened.title, opened.file_stem) == ("new network, K = 2", "new-network-K2")
    assert opened.stored_cloud is None


def test_a_new_network_has_its_own_dimensions_and_keeps_them_with_other_data(
    live: Opened, dots: Path
) -> None:
    opened = new_network(live, 10)
    assert (opened.model, opened.checkpoint, opened.data) == (None, None, live.data)
    assert (opened.latent_dim, opened.architecture.latent_dim) == (10, 10)
    assert opened.architecture.image_shape == (1, 28, 28)
    assert open_images(str(dots), opened).architecture.latent_dim == 10
    assert open_images(str(dots), live).architecture.latent_dim == 2
    assert open_both(None, str(dots), untrained_dim=10).architecture.latent_dim == 10


def test_the_present_model_is_kept_where_it_fits(live: Opened) -> None:
    opened = open_images("fashion-mnist", live)
    assert opened.model == live.model
    assert opened.checkpoint is live.checkpoint
    assert opened.pair.train.name == "fashion-mnist"


def test_the_present_model_is_dropped_where_it_does_not_fit(live: Opened, dots: Path) -> None:
    opened = open_images(str(dots), live)
    assert (opened.model, opened.checkpoint) == (None, None)


def test_other_data_for_no_model_is_still_no_model(dots: Path) -> None:
    assert open_images("mnist", open_images(str(dots))).checkpoint is None


def test_bad_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no IDX files"):
        open_images(str(tmp_path))


def test_without_a_model_the_network_is_the_live_one_for_these_images(
    live: Opened, dots: Path
) -> None:
    assert live.checkpoint is not None
    assert live.architecture == live.checkpoint.architecture
    assert open_images(str(dots)).architecture.summary == "16-400-2-400-16"


# --- points of the file --------------------------------------------------------------------------


def test_points_of_other_images_are_not_shown(live: Opened) -> None:
    assert open_images("fashion-mnist", live).stored_cloud is None
    assert open_images("mnist", open_images("fashion-mnist", live)).stored_cloud is not None


def test_fewer_points_than_images_are_not_shown(live: Opened, tmp_path: Path) -> None:
    """Whatever a forged file says they are of."""
    assert live.checkpoint is not None
    few = {name: array[:5] for name, array in live.checkpoint.cloud.items()}
    path = tmp_path / "forged.safetensors"
    save_checkpoint(replace(live.checkpoint, cloud=few), path)
    opened = open_model(str(path))
    assert opened.checkpoint is not None
    assert opened.checkpoint.data["cloud_sha256"] == opened.pair.train.sha256
    assert opened.stored_cloud is None


def test_a_file_without_points_has_none_to_show(live: Opened) -> None:
    assert live.checkpoint is not None
    assert replace(live, checkpoint=replace(live.checkpoint, cloud={})).stored_cloud is None


# --- anything ------------------------------------------------------------------------------------


def test_anything_is_a_model_or_data(live: Opened, copied: Path, dots: Path) -> None:
    assert open_anything(DEFAULT_MODEL).model == DEFAULT_MODEL
    assert open_anything(str(copied)).model == str(copied)
    assert open_anything(str(dots)).data == str(dots)
    assert open_anything("mnist").checkpoint is None
    shown = open_anything("fashion-mnist", live)
    assert (shown.model, shown.data) == (DEFAULT_MODEL, "fashion-mnist")
    assert open_anything(DEFAULT_MODEL, shown).data == "mnist"


# --- both ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["thesis.docx", "notes.txt", "model.onnx.zip"])
def test_a_file_that_is_neither_is_not_called_a_broken_model(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK and so on, as the files of office programs begin")
    with pytest.raises(InputError, match=r"no file that latentlab opens: choose a model"):
        open_anything(str(path))


def test_a_model_of_another_name_is_still_one(copied: Path) -> None:
    renamed = copied.rename(copied.with_suffix(".backup"))
    assert open_anything(str(renamed)).title == copied.stem


def test_both_are_opened_as_named(live: Opened) -> None:
    opened = open_both(DEFAULT_MODEL, "fashion-mnist")
    assert (opened.model, opened.data) == (DEFAULT_MODEL, "fashion-mnist")
    again = open_both(DEFAULT_MODEL, "mnist")
    assert again.stored_cloud is not None


def test_a_model_of_own_data_is_opened_with_them(tmp_path: Path, dots: Path) -> None:
    """What a crash leaves of training on one's own images."""
    path = write_model(tmp_path / "own.safetensors", side=4)
    opened = open_both(str(path), str(dots))
    assert opened.model == str(path)
    assert opened.checkpoint is not None
    assert opened.data == str(dots)


def test_data_without_a_model_are_for_one_from_scratch(dots: Path) -> None:
    assert open_both(None, str(dots)).checkpoint is None


def test_both_that_do_not_fit_are_refused(dots: Path) -> None:
    with pytest.raises(InputError) as refusal:
        open_both(DEFAULT_MODEL, str(dots))
    assert str(refusal.value) == (
        f"{DEFAULT_MODEL} takes images of 28×28 grey, but dots has 4×4 grey: open just one of the "
        "two."
    )


def test_both_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a file nor a shipped model"):
        open_both(str(tmp_path / "gone.safetensors"), "mnist")
    with pytest.raises(InputError, match="does not exist"):
        open_both(DEFAULT_MODEL, str(tmp_path / "gone"))


def test_opening_needs_no_torch() -> None:
    """The window is painted from it before torch is there."""
    code = (
        "import sys\n"
        "import latentlab.app.profile, latentlab.app.session, latentlab.app.store\n"
        "import latentlab.app.glide, latentlab.app.point_view, latentlab.app.looks\n"
        "from latentlab.app.opening import DEFAULT_MODEL, open_model\n"
        "assert open_model(DEFAULT_MODEL).stored_cloud is not None\n"
        "print('torch' in sys.modules)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "False"
