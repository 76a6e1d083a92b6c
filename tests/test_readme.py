"""README.md keeps its word: its links lead somewhere, and .ci/run runs the command it shows."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.check import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_link_into_the_project_leads_to_a_file() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    inside = [target for target in targets if "://" not in target]
    assert "resources/screenshot.png" in inside
    assert [target for target in inside if not (ROOT / target).exists()] == []


def test_every_folder_it_names_is_there() -> None:
    folders = re.findall(r"`([\w./]+/)`", README)
    assert "latentlab/core/" in folders
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def ci_run(folder: Path, readme: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("needs bash")
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci")
    (folder / "README.md").write_text(readme, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [bash, str(folder / ".ci" / "run")],
        cwd=folder.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_ci_runs_the_readmes_own_command(tmp_path: Path) -> None:
    block = "bash .ci/setup test && .venv/bin/python -m tests.check"
    assert README.count(block) == 1
    spy = README.replace(block, 'echo "$PWD $CI $QT_QPA_PLATFORM" && exit 7')
    result = ci_run(tmp_path, spy)
    assert result.returncode == 7, result.stderr
    assert result.stdout.splitlines()[-1] == f"{tmp_path} 1 offscreen"


def test_ci_fails_where_the_readme_shows_no_command(tmp_path: Path) -> None:
    result = ci_run(tmp_path, README.replace("<!-- ci -->", ""))
    assert result.returncode == 1
    assert "README.md has no code block" in result.stderr
