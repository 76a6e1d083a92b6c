"""The wheel holds all that the app needs, and opens it far from the checkout."""

import importlib.util
import json
import os
import shutil
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.check import ROOT

pytestmark = pytest.mark.slow

SOURCES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")
FOLDERS = ("latentlab", "resources", "pretrained")
MODELS = ("mnist-2d-live", "mnist-2d", "fashion-mnist-2d")


def run(*command: object, cwd: Path) -> str:
    """Run `command` as a stranger's shell would; returns what it prints, fails if it fails."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "DISPLAY")}
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what it is made of."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    for name in SOURCES:
        shutil.copy(ROOT / name, copy)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    # An isolated build fetches the build backend; one that is here saves that.
    isolation = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    run(sys.executable, "-m", "build", "--wheel", "--outdir", out, *isolation, copy, cwd=copy)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of a new environment in which the wheel is installed.

    The dependencies are those of the environment that runs the tests, not fetched again.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    install = ("-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel)
    run(sys.executable, *install, cwd=folder)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-c", ask, cwd=folder).strip())
    # Python follows no .pth files in these folders, so no editable install comes with them.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    return programs


def test_the_wheel_holds_what_the_app_needs_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("resources", "pretrained"):
        files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
        shipped = [path for path in files if path.parent.name != "__pycache__"]
        assert shipped
        for path in shipped:
            assert f"latentlab/_{folder}/{path.relative_to(ROOT / folder).as_posix()}" in names
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"latentlab"}
    assert not [name for name in names if "__pycache__" in name or "tests" in Path(name).parts]


def test_every_model_is_shipped_with_its_card(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for model in MODELS:
        assert f"latentlab/_pretrained/{model}.safetensors" in names
        assert f"latentlab/_pretrained/{model}.md" in names


def test_the_installed_app_is_the_wheels_own(installed: Path, tmp_path: Path) -> None:
    ask = "import latentlab.paths as p; print(p.__file__, p.RESOURCES, p.PRETRAINED, sep='\\n')"
    for path in run(installed / "python", "-c", ask, cwd=tmp_path).splitlines():
        assert Path(path).resolve().is_relative_to(installed.parent.resolve())
    version = run(installed / "latentlab", "--version", cwd=tmp_path)
    assert version == run(installed / "python", "-m", "latentlab", "--version", cwd=tmp_path)
    ask = "import importlib.metadata as m; print('latentlab', m.version('latentlab'))"
    assert version == run(installed / "python", "-c", ask, cwd=tmp_path)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_installed_app_opens(installed: Path, tmp_path: Path, theme: str) -> None:
    out = tmp_path / "window.png"
    run(
        *(installed / "latentlab", "--screenshot", out, "--size", "1280x720", "--theme", theme),
        cwd=tmp_path,
    )
    with Image.open(out) as picture:
        assert picture.size == (1280, 720)
        pixels = np.asarray(picture.convert("RGB"))
    # A real window: points in ten hues, text, images; and its background in the theme's tone.
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 500
    assert (np.median(pixels) > 128) == (theme == "light")


def test_the_installed_app_evaluates(installed: Path, tmp_path: Path) -> None:
    command = (installed / "latentlab", "evaluate", "mnist-2d-live", "--data", "mnist", "--json")
    figures = json.loads(run(*command, cwd=tmp_path))
    keys = {"elbo", "reconstruction", "kl", "elbo_se", "n", "likelihood", "latent_dim"}
    assert keys <= set(figures)
    assert figures["n"] == 2000
    assert figures["latent_dim"] == 2
    # Far above what one mean image for all would get.
    assert figures["elbo"] > -190
    assert figures["elbo"] == pytest.approx(-(figures["reconstruction"] + figures["kl"]), abs=1e-3)
