"""Session files that must be refused."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from latentlab.app.session import FORMAT
from latentlab.app.state import AppState
from tests.bad_files.entry import BadFile

_STATE: dict[str, Any] = {name: v for name, v in asdict(AppState()).items() if name != "run"}
_GOOD: dict[str, Any] = {
    "format": FORMAT,
    "model": "mnist-2d-live",
    "data": "mnist",
    "state": _STATE,
}
_NAN, _INFINITE = float("nan"), float("inf")


def forge_session(**changes: Any) -> bytes:
    """A session with these top-level fields, else good."""
    return json.dumps({**_GOOD, **changes}).encode()


def make_sessions(folder: Path) -> list[BadFile]:
    """Write bad sessions into `folder`, which is made if it is not there, and list them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, (message, content) in {**_foreign(), **_top(), **_fields()}.items():
        path = folder / f"{name}.latentlab.json"
        path.write_bytes(content)
        made.append(BadFile(f"session-{name}", path, "session", message))
    return made + _no_content(folder)


def _no_content(folder: Path) -> list[BadFile]:
    """What is not a file, or far too much of one."""
    missing, directory = folder / "missing.latentlab.json", folder / "folder.latentlab.json"
    directory.mkdir(exist_ok=True)
    sparse = folder / "sparse.latentlab.json"
    with sparse.open("wb") as file:
        file.truncate(1 << 40)
    made = [
        BadFile("session-missing", missing, "session", "does not exist"),
        BadFile("session-folder", directory, "session", "not a regular file"),
        BadFile("session-sparse", sparse, "session", "over 1 MB"),
    ]
    if hasattr(os, "mkfifo"):
        pipe, loop = folder / "pipe.latentlab.json", folder / "loop.latentlab.json"
        if not pipe.exists():
            os.mkfifo(pipe)
            loop.symlink_to(loop)
        made += [
            BadFile("session-pipe", pipe, "session", "not a regular file"),
            BadFile("session-loop", loop, "session", "symbolic links"),
        ]
    return made


def _foreign() -> dict[str, tuple[str, bytes]]:
    """Files of other kinds, and damaged ones."""
    good = forge_session()
    return {
        "empty": ("not JSON", b""),
        "text": ("not JSON", b"z is at 0, 0\n"),
        "pickle": ("not JSON", b"\x80\x04cos\nsystem\n(S'true'\ntR."),
        "truncated": ("not JSON", good[:-20]),
        "not-utf-8": ("not JSON", good.replace(b"mnist", b"m\xff\xfest")),
        "bomb": ("not JSON", b'{"state":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
        "digits": ("not JSON", b'{"format": 1' + b"0" * 9_999 + b"}"),
        "large": ("over 1 MB", forge_session(data="x" * (1 << 20))),
    }


def _top() -> dict[str, tuple[str, bytes]]:
    """JSON that is no session."""
    return {
        "list": ("not a latentlab session", b"[1, 2]"),
        "null": ("not a latentlab session", b"null"),
        "format-2": ("format 1", forge_session(format=2)),
        "format-missing": ("format 1", json.dumps({"state": _STATE}).encode()),
        "model-number": ("model must be", forge_session(model=7)),
        "model-long": ("model must be", forge_session(model="x" * 9_999)),
        "model-nul": ("model must be", forge_session(model="a\0b")),
        "kind-unknown": ("untrained_kind must be", forge_session(untrained_kind=["conv"])),
        "data-null": ("data must be", forge_session(data=None)),
        "data-empty": ("data must be", forge_session(data="")),
        "data-list": ("data must be", forge_session(data=["mnist"])),
        "state-list": ("state must be an object", forge_session(state=[])),
        "state-empty": ("z must be", forge_session(state={})),
    }


def _tilt(**changes: Any) -> dict[str, Any]:
    """A plane along no axes, with these fields, else good."""
    good = {
        "basis": [[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0]],
        "home": [0.0, 0.0, 2.0],
        "images": [],
        "shares": [0.5, 0.25],
    }
    return {**good, **changes}


def _fields() -> dict[str, tuple[str, bytes]]:
    """Choices that nobody can make."""

    def changed(**fields: Any) -> bytes:
        return forge_session(state={**_STATE, **fields})

    def view(**bounds: Any) -> bytes:
        return changed(viewport={**_STATE["viewport"], **bounds})

    no_layer = forge_session(
        state={name: value for name, value in _STATE.items() if name != "layer"}
    )

    def weights(**fields: Any) -> bytes:
        return changed(weights={**_STATE["weights"], **fields})

    def tilted(tilt: object, **fields: Any) -> bytes:
        plane = {"axes": [0, 1], "origin": [0.0, 0.0, 2.0], "tilt": tilt, **fields}
        return changed(section=plane)

    return {
        "z-nan": ("z must be from", changed(z=[0.0, _NAN])),
        "z-infinite": ("z must be from", changed(z=[_INFINITE, 0.0])),
        "z-digits": ("z must be from", changed(z=[10**400, 0])),
        "z-three": ("z must be two numbers", changed(z=[0, 0, 0])),
        "z-text": ("z must be two numbers", changed(z="00")),
        "z1-null": ("z1 must be", changed(z1=[None, 0])),
        "z2-true": ("z2 must be", changed(z2=[True, False])),
        "tilt-list": (r"section\.tilt must be an object", tilted([])),
        "tilt-row": (r"section\.tilt\.basis must be", tilted(_tilt(basis=[[1, 0, 0]]))),
        "tilt-long": (r"section\.tilt\.basis must be", tilted(_tilt(basis=[[1, 0], [0, 1]]))),
        "tilt-askew": (
            "two orthonormal rows",
            tilted(_tilt(basis=[[1.0, 0.0, 0.0], [0.6, 0.8, 0.0]])),
        ),
        "tilt-origin": ("orthogonal to section", tilted(_tilt(), origin=[1.0, 0.0, 0.0])),
        "tilt-home": (r"section\.tilt\.home must be", tilted(_tilt(home=[0.0, 0.0, _NAN]))),
        "tilt-images": (r"section\.tilt\.images must be", tilted(_tilt(images=[1, 2]))),
        "tilt-image": (r"section\.tilt\.images must be", tilted(_tilt(images=[1, 2, -3]))),
        "tilt-shares": (r"section\.tilt\.shares must be", tilted(_tilt(shares=[0.5, 7.0]))),
        "selected-negative": ("selected must be", changed(selected=-1)),
        "selected-vast": ("selected must be", changed(selected=2**63)),
        "selected-fraction": ("selected must be a whole number", changed(selected=0.5)),
        "isolated-text": ("isolated_class must be", changed(isolated_class="seven")),
        "rate-zero": ("learning_rate must be", changed(learning_rate=0)),
        "rate-nan": ("learning_rate must be", changed(learning_rate=_NAN)),
        "batch-vast": ("batch_size must be", changed(batch_size=10**12)),
        "batch-fraction": ("batch_size must be a whole number", changed(batch_size=64.5)),
        "strip-vast": ("strip_count must be", changed(strip_count=10**9)),
        "scale-two": ("ellipse_scale must be", changed(ellipse_scale=2)),
        "scale-list": ("ellipse_scale must be", changed(ellipse_scale=[1])),
        "layer-number": ("layer must be one of", changed(layer=1)),
        "layer-list": ("layer must be one of", changed(layer=["none"])),
        "layer-missing": ("map_on must be", no_layer),
        "forces-text": ("forces_on must be", changed(forces_on="on")),
        "spherical-text": ("spherical must be", changed(spherical="no")),
        "log-null": ("log_curves must be", changed(log_curves=None)),
        "view-null": ("viewport must be", changed(viewport=None)),
        "view-inside-out": ("viewport must have", view(x_min=4.0, x_max=-4.0)),
        "view-empty": ("viewport must have", view(y_min=1.0, y_max=1.0)),
        "view-vast": (r"viewport\.x_max must be", view(x_max=1e300)),
        "view-nan": (r"viewport\.y_min must be", view(y_min=_NAN)),
        "weights-list": ("weights must be an object", changed(weights=[1, 1])),
        "weights-unknown": ("weights must be an object", weights(gamma=1)),
        "beta-negative": (r"weights\.beta must be", weights(beta=-1)),
        "beta-infinite": (r"weights\.beta must be", weights(beta=_INFINITE)),
        "switch-number": (r"weights\.kl_on must be", weights(kl_on=1)),
        "likelihood-text": ("likelihood must be", changed(likelihood="bernoulli")),
        "likelihood-unknown": ("likelihood must be", changed(likelihood={"name": "poisson"})),
        "variance-zero": (
            r"likelihood\.variance must be",
            changed(likelihood={"name": "gaussian", "variance": 0}),
        ),
    }
