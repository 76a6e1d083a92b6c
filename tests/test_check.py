import subprocess
import sys
from pathlib import Path

import pytest

from tests import check


def test_a_file_is_long_from_the_line_after_the_last(tmp_path: Path) -> None:
    just, over = tmp_path / "just.py", tmp_path / "over.py"
    just.write_text("x = 1\n" * 500)
    over.write_text("x = 1\n" * 501)
    assert check.long_files([just, over]) == [f"{over}: 501 lines, over 500"]


def test_files_are_found_without_git(tmp_path: Path) -> None:
    (tmp_path / "latentlab").mkdir()
    (tmp_path / "latentlab" / "a.py").touch()
    (tmp_path / "elsewhere.py").touch()
    assert check.python_files(tmp_path) == [tmp_path / "latentlab" / "a.py"]


@pytest.mark.parametrize("code", [0, 3])
def test_the_table_and_the_exit_code_say_what_failed(
    capsys: pytest.CaptureFixture[str], code: int
) -> None:
    ran = [check.Check("one", lambda: code), check.Check("two", lambda: 0)]
    assert check.run_all(ran) == bool(code)
    table = capsys.readouterr().out.splitlines()[-2:]
    assert table[0].split()[:2] == ["one", "FAILED" if code else "passed"]
    assert table[1].split()[:2] == ["two", "passed"]


def test_only_a_test_that_fails_alone_as_well_fails_the_check(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "test_two.py").write_text(
        "import pathlib\n"
        "def test_chance():\n"
        "    ran = pathlib.Path('ran')\n"
        "    first, _ = not ran.exists(), ran.touch()\n"
        "    assert not first\n"
        "def test_right():\n"
        "    assert not pathlib.Path('wrong').exists()\n"
    )

    def run(*more: str) -> int:
        command = [sys.executable, "-m", "pytest", "-q", *more]
        return subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode

    check_twice = check.twice(run, lambda: run("--last-failed"))
    assert check_twice() == 0
    (tmp_path / "wrong").touch()
    assert check_twice() == 1


def test_a_check_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        check.main(["--only", "everything"])
    assert "everything" in capsys.readouterr().err
