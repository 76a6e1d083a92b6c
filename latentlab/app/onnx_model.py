"""Two ONNX files on their way into the window. Imports no torch before they are looked into."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from latentlab.app.importing import side_by_side
from latentlab.app.opening import LATENT_DIMS, Opened
from latentlab.data.bundled import BUNDLED, load_bundled
from latentlab.data.dataset import DataPair
from latentlab.errors import InputError

if TYPE_CHECKING:
    from latentlab.training.onnx_process import OnnxProcess
    from latentlab.training.onnx_vae import OnnxReading, OnnxVAE

_IMAGES = 64  # that a reading is judged by


@dataclass(frozen=True)
class OnnxOffer:
    """Two ONNX files as one model, images that fit, and what its reading makes of them.

    data: the name of `pair`. x: (N, D), 0 to 1. images: (N, D), x̂ at z = mu. squared_error: mean
    over pixels of (x̂ − x)². elbo: nats per image; x as it is, not binarised. encoded, decoded: the
    outputs there are to choose from.
    """

    model: "OnnxVAE"
    data: str
    pair: DataPair
    x: npt.NDArray[np.float32]
    images: npt.NDArray[np.float32]
    squared_error: float
    elbo: float
    encoded: tuple[str, ...]
    decoded: tuple[str, ...]

    @property
    def opened(self) -> Opened:
        """It, open."""
        encoder = self.model.encoder.path.absolute()
        return Opened(str(encoder), None, self.data, self.pair, onnx=self.model)


def onnx_offer(
    encoder: Path,
    decoder: Path,
    present: Opened | None,
    started: "Callable[[OnnxProcess], None]",
) -> OnnxOffer:
    """Read them as they reconstruct images best: those present, or else of a bundled set.

    Whichever of the two takes images is the encoder.
    Starts the processes of `OnnxOffer.model`, and gives each to `started` before it is waited for.
    Raises InputError, and then leaves none.
    """
    from latentlab.training.onnx_vae import OnnxReading, OnnxVAE, both_started  # noqa: PLC0415

    with both_started(encoder, decoder, started) as processes:
        (data, pair), (first, second) = _fitting(processes, present)
        few = pair.train.images[:_IMAGES]
        x = (few.reshape(len(few), -1) / 255).astype(np.float32)
        model = OnnxVAE(first, second, pair.train.image_shape, x, OnnxReading())
        _check_dimensions(model)
        best = _judged(model, data, pair, x)
        if model.names_tell_nothing:
            said = model.reading
            swapped = OnnxReading(mu=said.spread_output, spread_output=said.mu)
            other = _tried(best, swapped)
            best = other if other and other.squared_error < best.squared_error else best
        return best


def read_otherwise(of: OnnxOffer, reading: "OnnxReading") -> OnnxOffer:
    """The same with another reading. Raises InputError where it cannot be so."""
    return _judged(of.model.read_as(reading, of.x), of.data, of.pair, of.x)


def shown_pictures(of: OnnxOffer) -> npt.NDArray[np.uint8]:
    """Images above their reconstructions, uint8 (2H, nW) or (2H, nW, 3)."""
    return side_by_side(of.pair.train.image_shape, of.x, of.images)


def _tried(of: OnnxOffer, reading: "OnnxReading") -> OnnxOffer | None:
    try:
        return read_otherwise(of, reading)
    except InputError:
        return None


def _judged(model: "OnnxVAE", data: str, pair: DataPair, x: npt.NDArray[np.float32]) -> OnnxOffer:
    images, error, elbo = model.judged(x)
    return OnnxOffer(
        model,
        data,
        pair,
        x,
        images,
        error,
        elbo,
        model.encoder_outputs,
        tuple(port.name for port in model.decoder.outputs),
    )


def _check_dimensions(model: "OnnxVAE") -> None:
    latent_dim, (fewest, most) = model.architecture.latent_dim, LATENT_DIMS
    if not fewest <= latent_dim <= most:
        raise InputError(
            f"{model.encoder.path} has {latent_dim:,} latent dimensions, but the window shows "
            f"models of {fewest} to {most}: use latentlab evaluate for it."
        )


def _fitting(
    processes: "tuple[OnnxProcess, OnnxProcess]", present: Opened | None
) -> "tuple[tuple[str, DataPair], tuple[OnnxProcess, OnnxProcess]]":
    """Data that one of the two takes as images, and the two with that one first."""
    from latentlab.training.onnx_vae import image_input  # noqa: PLC0415

    candidates = [(present.data, present.pair)] if present is not None else []
    candidates += [(name, load_bundled(name)) for name in BUNDLED]
    refused: InputError | None = None
    for both in (processes, processes[::-1]):
        for data, pair in candidates:
            try:
                image_input(both[0], pair.train.image_shape)
            except InputError as error:
                refused = refused or error
            else:
                return (data, pair), (both[0], both[1])
    assert refused is not None
    raise refused


def reading_of(**chosen: Any) -> "OnnxReading":
    """An OnnxReading of these fields; whoever has an offer has torch by now."""
    from latentlab.training.onnx_vae import OnnxReading  # noqa: PLC0415

    return OnnxReading(**chosen)
