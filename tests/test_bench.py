import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from latentlab.training.device import computes_in_bfloat16
from latentlab.training.messages import Failed, Switch
from latentlab.training.process import ProcessEngine
from tests.bench.__main__ import main, names
from tests.bench.benches import cloud
from tests.bench.machine import machine
from tests.bench.queues import seen_in_child
from tests.bench.result import Figure, Result, at_least, at_most
from tests.check import ROOT

_KEYS = {
    "train": "ours_img_s reference_img_s ratio loss_gap_nats",
    "frames": "idle_p95_ms train_p95_ms ratio_p95 idle_p99_ms train_p99_ms throughput_kept",
    "history": "idle_p95_ms train_p95_ms ratio_p95",
    "compare": "idle_p95_ms train_p95_ms ratio_p95",
    "drag": "idle_p50_ms idle_p95_ms train_p95_ms "
    "strong.idle_p50_ms strong.idle_p95_ms strong.train_p95_ms",
    "cloud": "10000.ours_ms 10000.scatter_ms 10000.ratio pan_p95_ms",
    "startup": "first_paint_s first_decode_s qt_import_s torch_import_s paint_ratio decode_ratio",
    "lockstep": "one_ms three_ms three_alone_ms ratio",
    "exact": "grid_ms preview_p50_ms exact_p50_ms is_same_error_ratio capped",
    "soak": "slope_mb_min queue_max",
    "large": "speed_ratio cold_ratio grown_mb first_points",
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
    assert everything[name]["machine"]["qt_platform"].startswith("offscreen")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_is_not_measured_everywhere_has_its_key_all_the_same(
    everything: dict[str, Any],
) -> None:
    ratio = everything["train"]["ratio_bf16"]
    assert (ratio is not None) is computes_in_bfloat16("auto", torch.device("cpu"))
    soak = everything["soak"]["facts"]
    told = [name for name in soak["longest"] if name.startswith("child.")]
    assert (len(told) > 0) is (soak["engine"] == "process")


def test_the_clouds_that_are_too_large_to_be_quick_have_their_keys() -> None:
    keys = {figure.key for count in cloud.COUNTS for figure in cloud.figures(count, {})}
    for count in (10_000, 60_000, 1_000_000):
        assert {f"{count}.ours_ms", f"{count}.scatter_ms", f"{count}.ratio"} <= keys


def test_the_queues_of_the_engines_process_are_seen() -> None:
    with seen_in_child() as told:
        engine = ProcessEngine()
        engine.start()
        try:
            engine.send(Switch(3))
            failed = engine.notices.get(timeout=60)
            assert isinstance(failed, Failed)
            while not told():
                assert engine.notices.empty()
        finally:
            assert engine.shutdown()
        assert set(told()) == {"child.inbox", "child.notices", "child.outbox"}


def test_the_machine_says_what_figures_depend_on() -> None:
    found = machine()
    assert found["memory_gb"] is None or found["memory_gb"] > 0.5
    assert found["qt_platform"]


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
