import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.__main__ import main, names
from tests.bench.result import Figure, Result, at_least, at_most
from tests.check import ROOT

_KEYS = {
    "train": "ours_img_s reference_img_s ratio loss_gap_nats",
    "frames": "idle_p95_ms train_p95_ms ratio_p95 idle_p99_ms train_p99_ms throughput_kept",
    "drag": "idle_p50_ms idle_p95_ms train_p95_ms "
    "strong.idle_p50_ms strong.idle_p95_ms strong.train_p95_ms",
    "cloud": "10000.ours_ms 10000.scatter_ms 10000.ratio pan_p95_ms",
    "startup": "first_paint_s first_decode_s qt_import_s torch_import_s paint_ratio decode_ratio",
    "lockstep": "one_ms three_ms three_alone_ms ratio",
    "soak": "slope_mb_min queue_max",
}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `all --quick` writes."""
    file = tmp_path_factory.mktemp("bench") / "all.json"
    command = [sys.executable, "-m", "tests.bench", "all", "--quick", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert set(found) == set(names())
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", _KEYS)
def test_every_benchmark_runs_and_gives_its_figures(everything: dict[str, Any], name: str) -> None:
    for key in _KEYS[name].split():
        place = everything[name]
        for part in key.split("."):
            place = place[part]
        assert isinstance(place, int | float), key
        low, high = everything[name]["spread"][key]
        assert low <= place <= high
    assert everything[name]["machine"]["cores"] >= 1


def test_a_figure_is_the_median_and_says_whether_it_is_good_enough() -> None:
    result = Result(
        [
            Figure("wide.ms", [3.0, 9.0, 4.0], at_most(4)),
            Figure("ratio", [1.0, 1.5], at_least(2)),
            Figure("absent", [], at_least(2), "not here"),
        ]
    )
    found = result.to_json()
    assert (found["wide"]["ms"], found["ratio"], found["absent"]) == (4, 1.25, None)
    assert found["spread"] == {"wide.ms": [3, 9], "ratio": [1, 1.5]}
    assert [target["reached"] for target in found["targets"].values()] == [True, False, None]
    lines = result.table().splitlines()
    assert lines[1].split() == ["wide.ms", "4", "3", "…", "9", "≤", "4", "reached"]
    assert lines[2].endswith("≥ 2  MISSED")
    assert lines[3].endswith("≥ 2  not here")


@pytest.mark.parametrize(
    "arguments", [["everything"], [], ["train", "--json", "no/such/folder/out.json"]]
)
def test_what_cannot_be_run_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err
