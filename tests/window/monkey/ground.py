"""Where the monkey plays: files to open, good and bad, and places to save to."""

import shutil
from pathlib import Path
from random import Random

from safetensors.numpy import load_file

from latentlab.app.session import SUFFIX, load_session
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.snippet import WEIGHTS_SUFFIX
from latentlab.paths import pretrained_models
from tests.bad_files.idx import idx
from tests.bad_files.make import make_all
from tests.window.dimensions import trained

_BAD = 10


class Ground:
    """Names are relative to `folder`, so that they are the same for a seed wherever that is."""

    def __init__(self, folder: Path, rng: Random) -> None:
        self.folder = folder
        good, self._saved = folder / "good", folder / "saved"
        good.mkdir(parents=True)
        self._saved.mkdir()
        for name, path in pretrained_models().items():
            shutil.copy(path, good / f"my-{name}.safetensors")
        for latent_dim in (1, 3, 12):
            trained(good / f"of-{latent_dim}-dimensions.safetensors", latent_dim, steps=20)
        for side, count in ((28, 300), (6, 40)):
            images = good / f"images-{side}"
            images.mkdir()
            (images / "train-images-idx3-ubyte").write_bytes(idx(count, side, side))
            (images / "train-labels-idx1-ubyte").write_bytes(idx(count, content=bytes(count)))
        bad = rng.sample(make_all(folder / "bad"), _BAD)
        self.files = [
            *(f"good/{path.name}" for path in sorted(good.iterdir())),
            *(f"saved/{name}{end}" for name in ("one", "two") for end in (".safetensors", SUFFIX)),
            *(str(exhibit.path.relative_to(folder)) for exhibit in bad),
            "nothing.safetensors",
        ]
        here = ("one", "two", "three.four", "nowhere/model", "")
        self.targets = [*(f"saved/{name}" for name in here), "good/images-6/train-labels/x"]

    def saved_files(self) -> int:
        """How many models and sessions were saved, all of them whole: else raises InputError."""
        # What an export as Python reads is no model, but whole all the same.
        weights = list(self._saved.glob(f"*{WEIGHTS_SUFFIX}"))
        models = [p for p in self._saved.glob("*.safetensors") if p not in weights]
        sessions = list(self._saved.glob(f"*{SUFFIX}"))
        for path in models:
            load_checkpoint(path)
        for path in weights:
            load_file(path)
        for path in sessions:
            load_session(path)
        return len(models) + len(sessions)

    def leftovers(self) -> list[Path]:
        """Files that a save began and did not finish."""
        return list(self.folder.rglob("*.part"))
