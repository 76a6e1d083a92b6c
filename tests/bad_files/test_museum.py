"""Every bad file is refused in one sentence that names it, and nothing in it is executed."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from latentlab.app.session import load_session
from latentlab.commands.evaluate import evaluate
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.foreign import load_foreign
from latentlab.core.history import load_history
from latentlab.core.vae import vae_from_parameters
from latentlab.data.open import open_data
from latentlab.data.single_image import Target, read_single_image
from latentlab.errors import InputError, printable
from latentlab.training.onnx_vae import OnnxReading, open_onnx
from tests.bad_files.checkpoints import EXECUTED, GOOD_METADATA, forge
from tests.bad_files.entry import BadFile
from tests.bad_files.foreign import GOOD_LAYERS, layers
from tests.bad_files.histories import forge_history
from tests.bad_files.make import make_all
from tests.bad_files.onnx_models import decoder, linear
from tests.bad_files.sessions import forge_session

LONGEST = 400
SENTENCES = Path(__file__).with_name("sentences.txt")
_REASON = re.compile(r"(damaged|file|read) \(.*\)(?=[;.])")


@pytest.fixture(scope="module")
def museum(tmp_path_factory: pytest.TempPathFactory) -> list[BadFile]:
    return make_all(tmp_path_factory.mktemp("museum"))


def of_kind(museum: list[BadFile], kind: str) -> list[BadFile]:
    found = [bad for bad in museum if bad.kind == kind]
    assert len(found) > 10
    return found


def refused(bad: BadFile, opens: Callable[[Path], object]) -> tuple[str, str]:
    """What is wrong with the refusal of `bad`, or nothing; and the sentence."""
    try:
        opens(bad.path)
    except InputError as error:
        sentence = str(error)
    # Whatever else comes out is the finding; the other exhibits are still to be seen.
    except Exception as error:
        return f"{bad.name}: {type(error).__name__}: {error}", ""
    else:
        return f"{bad.name}: opened", ""
    if not re.search(bad.message, sentence):
        return f"{bad.name}: {bad.message!r} is not in {sentence!r}", sentence
    return "", sentence


def fault_of(sentence: str, bad: BadFile) -> str:
    """Why this is not one sentence that names the file, or nothing."""
    rest = sentence.replace(printable(str(bad.path)), "", 1)
    checks = {
        "does not name the file": rest != sentence,
        "is no sentence": rest.endswith(".") and not rest.endswith(".."),
        "is more than one sentence": not re.search(r"[.!?]\s", rest),
        "has unprintable characters": sentence.isprintable(),
        "is too long": len(rest) < LONGEST,
    }
    return "; ".join(
        f"{bad.name} {what}: {sentence}" for what, holds in checks.items() if not holds
    )


def faults(museum: list[BadFile], opens: Callable[[Path], object]) -> list[str]:
    found = []
    for bad in museum:
        wrong, sentence = refused(bad, opens)
        found.append(wrong or fault_of(sentence, bad))
    return [fault for fault in found if fault]


def load_model(path: Path) -> None:
    """As every caller does: the network's complaint gets the file's name in front."""
    checkpoint = load_checkpoint(path)
    try:
        vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}; use another copy.") from error


def evaluate_model(path: Path) -> None:
    evaluate(str(path), "mnist", "test")


def open_folder(path: Path) -> None:
    open_data(str(path))


def photo_of(path: Path) -> None:
    read_single_image(path, Target((1, 28, 28), as_mnist=True, on_black=True))


OPENS: dict[str, Callable[[Path], object]] = {
    "data": open_folder,
    "photo": photo_of,
    "model": load_model,
    "foreign": load_foreign,
    "session": load_session,
    "history": load_history,
}


def is_judged(bad: BadFile) -> bool:
    """Not where it depends on a library's version who sees the fault first."""
    return bad.kind in OPENS and "|" not in bad.message


def as_judged(bad: BadFile) -> str:
    """The exhibit's line in sentences.txt: @ for its path, … for reasons in a library's words."""
    sentence = refused(bad, OPENS[bad.kind])[1].replace(printable(str(bad.path)), "@")
    told = _REASON.sub(r"\1 (…)", sentence)
    return f"{bad.name}: {told}"


def test_each_sentence_is_the_one_that_was_judged(museum: list[BadFile]) -> None:
    """After a change, read those that differ as a user would, then write them there."""
    said = [as_judged(bad) for bad in museum if is_judged(bad)]
    assert said == SENTENCES.read_text(encoding="utf-8").splitlines()


def test_exhibits_have_names_of_their_own(museum: list[BadFile]) -> None:
    assert len({bad.name for bad in museum}) == len(museum)


@pytest.mark.parametrize("opens", [load_model, evaluate_model])
def test_bad_models_are_refused(museum: list[BadFile], opens: Callable[[Path], object]) -> None:
    assert faults(of_kind(museum, "model"), opens) == []


@pytest.mark.parametrize("opens", [load_foreign, evaluate_model])
def test_bad_state_dicts_are_refused(
    museum: list[BadFile], opens: Callable[[Path], object]
) -> None:
    assert faults(of_kind(museum, "foreign"), opens) == []


def test_bad_onnx_models_are_refused(museum: list[BadFile], tmp_path: Path) -> None:
    other = tmp_path / "decoder.onnx"
    other.write_bytes(decoder())

    def open_encoder(path: Path) -> None:
        images = np.zeros((2, 784), np.float32)
        open_onnx(path, other, (1, 28, 28), images, OnnxReading()).close()

    assert faults(of_kind(museum, "onnx"), open_encoder) == []
    good = tmp_path / "encoder.onnx"
    good.write_bytes(linear())
    open_encoder(good)


def test_nothing_in_a_bad_model_is_executed(museum: list[BadFile]) -> None:
    models = of_kind(museum, "model")
    faults(models, load_model)
    assert not (models[0].path.parent / EXECUTED).exists()


def test_bad_photos_are_refused(museum: list[BadFile]) -> None:
    assert faults(of_kind(museum, "photo"), photo_of) == []


def test_bad_data_is_refused(museum: list[BadFile]) -> None:
    assert faults(of_kind(museum, "data"), open_folder) == []


def test_bad_sessions_are_refused(museum: list[BadFile]) -> None:
    assert faults(of_kind(museum, "session"), load_session) == []


def test_bad_histories_are_refused(museum: list[BadFile]) -> None:
    assert faults(of_kind(museum, "history"), load_history) == []


def test_a_forgery_without_a_fault_opens(tmp_path: Path) -> None:
    """Or the exhibits would be refused for another reason than theirs."""
    path = tmp_path / "good.safetensors"
    path.write_bytes(forge(json.dumps(GOOD_METADATA)))
    load_model(path)
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes(layers(GOOD_LAYERS))
    load_foreign(foreign)
    session = tmp_path / "good.latentlab.json"
    session.write_bytes(forge_session())
    load_session(session)
    history = tmp_path / "good.history.xz"
    history.write_bytes(forge_history())
    load_history(history)


def test_the_pickles_would_run_code(museum: list[BadFile]) -> None:
    """Or that nothing is executed would say nothing."""
    pickled = next(bad.path for bad in museum if bad.name == "model-pickle").read_bytes()
    assert b"mkdir" in pickled
    assert EXECUTED.encode() in pickled
