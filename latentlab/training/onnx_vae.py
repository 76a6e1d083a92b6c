"""A VAE of two ONNX models: an encoder (image → mu and a spread) and a decoder (z → image)."""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from latentlab.core.objective import kl_to_prior, log_likelihood, mean_image, reparameterise
from latentlab.core.spec import Likelihood, LikelihoodName, Output, Unseen
from latentlab.core.vae import IMAGE_MARGIN
from latentlab.errors import InputError
from latentlab.fitting import of_images
from latentlab.training.onnx_process import Float32Array, OnnxProcess, Port

OnnxSpread = Literal["logvar", "log_sigma", "sigma", "variance"]
OnnxScale = Literal["unit", "signed"]

_MOST_LOGVAR = 40.0
# At a time: short enough for a window that asks for one image in between.
_SLICE = 512
_SAMPLES = 8
_SEED = 20_234

NO_GRADIENTS = (
    "This needs gradients, and an ONNX model gives none: all that only encodes and decodes works."
)


@dataclass(frozen=True, slots=True)
class OnnxReading:
    """Which outputs are what. None is to be guessed.

    mu, spread_output: the encoder's outputs by name; the same one twice holds mu and then the
    spread. spread: what it says of σ. output: whether the decoder gives logits or the image.
    scale: whether images are 0 to 1 or −1 to 1, for the encoder and from the decoder.
    """

    mu: str | None = None
    spread_output: str | None = None
    spread: OnnxSpread | None = None
    decoded: str | None = None
    output: Output | None = None
    likelihood: LikelihoodName | None = None
    variance: float | None = None
    scale: OnnxScale | None = None


class OnnxVAE:
    """Encodes and decodes as a VAE does, without gradients. `close` ends its processes.

    Raises InputError, naming the file, where the models do not fit the images or each other. What
    a reading leaves open is guessed: mu and the spread by the outputs' names, else by their order
    and, of the kinds of spread, by the ELBO of the images `x` (N, D), 0 to 1; probabilities, where
    all that is decoded is from 0 to 1; images from −1 to 1, where that is, and a Gaussian; else
    logits; Bernoulli; a Gaussian's σ² is the mean squared error. `reading` and `likelihood` say
    what was taken.
    """

    def __init__(
        self,
        encoder: OnnxProcess,
        decoder: OnnxProcess,
        image_shape: tuple[int, int, int],
        x: Float32Array,
        reading: OnnxReading,
    ) -> None:
        self.device = torch.device("cpu")
        self.encoder, self.decoder = encoder, decoder
        self._image_shape = image_shape
        self.reading = reading
        self.likelihood = Likelihood(reading.likelihood or "bernoulli")
        self._image_input = image_input(encoder, image_shape)
        mu_name, spread_name = self._outputs(x)
        kinds = _kinds(reading, spread_name)
        self.reading = replace(reading, mu=mu_name, spread_output=spread_name, spread=kinds[0])
        mu, _ = self._halves(x)
        try:
            self.architecture = Unseen(image_shape=image_shape, latent_dim=mu.shape[1])
        except InputError as fault:
            raise InputError(f"{encoder.path} cannot be used: its {fault}.") from fault
        self._settle_output(mu)
        if self.reading.scale == "signed":
            mu, _ = self._halves(x)  # which were of images from 0 to 1
            if reading.likelihood is None:
                self.likelihood = Likelihood("gaussian")
        images = mean_image(self.likelihood, self.decode(torch.from_numpy(mu)))
        error = float((images - torch.from_numpy(x)).square().mean())
        if self.likelihood.name == "gaussian":
            variance = reading.variance or min(max(float(f"{error:.2g}"), 1e-6), 1e6)
            self.likelihood = Likelihood("gaussian", variance)
        self.reading = replace(
            self.reading, likelihood=self.likelihood.name, spread=self._best(kinds, x)
        )

    @property
    def encoder_outputs(self) -> tuple[str, ...]:
        """The names of those that may be mu or the spread."""
        return self._encoder_outputs

    @property
    def names_tell_nothing(self) -> bool:
        """Whether only the order of two outputs says which of them is mu."""
        mu, spread = str(self.reading.mu), str(self.reading.spread_output)
        return mu != spread and not (_says_mu(mu) or _says_spread(spread))

    def judged(self, x: Float32Array) -> tuple[Float32Array, float, float]:
        """Of images x (N, D): x̂ at z = mu, (N, D); its mean squared error; the ELBO, nats an image.

        x as it is, not binarised; a mean over 8 draws of ε, always the same.
        """
        pixels = torch.from_numpy(x)
        mu, logvar = self.encode(pixels)
        images = mean_image(self.likelihood, self.decode(mu))
        error = float((images - pixels).square().mean())
        return images.numpy(), error, self._elbo(pixels, mu, logvar)

    @property
    def paths(self) -> tuple[Path, Path]:
        """The encoder's file and the decoder's."""
        return self.encoder.path, self.decoder.path

    def shares(self, other: "OnnxVAE") -> bool:
        """Whether both are of the same processes."""
        return self.encoder is other.encoder

    def read_as(self, reading: OnnxReading, x: Float32Array) -> "OnnxVAE":
        """The same processes, read otherwise. Raises InputError."""
        return OnnxVAE(self.encoder, self.decoder, self._image_shape, x, reading)

    def close(self) -> None:
        """End both processes."""
        self.encoder.close()
        self.decoder.close()

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """mu and logvar of q(z|x), each (N, K); x (N, D), 0 to 1. logvar is cut at ±40."""
        mu, spread = self._halves(x.numpy())
        return torch.from_numpy(mu), torch.from_numpy(self._logvar(spread, self.reading.spread))

    def decode(self, z: Tensor) -> Tensor:
        """Logits (N, D) at z (N, K); those of an image that is cut to [1e-6, 1 − 1e-6].

        Raises InputError where a gradient is wanted.
        """
        if z.requires_grad:
            raise InputError(NO_GRADIENTS)
        output = torch.from_numpy(self._decoded(z.detach().float().numpy()))
        if self.reading.output == "image":
            image = (output + 1) / 2 if self.reading.scale == "signed" else output
            return torch.logit(image, eps=IMAGE_MARGIN)
        return output

    def _outputs(self, x: Float32Array) -> tuple[str, str]:
        given = self.reading
        found = self.encoder.run(self._rows(x[:2]))
        names = [name for name, array in found.items() if array.ndim == 2]
        self._encoder_outputs = tuple(names)
        for name in (given.mu, given.spread_output):
            if name is not None and name not in names:
                listed = ", ".join(n[:40] for n in names[:4])
                raise InputError(
                    f"{self.encoder.path} has no output {name} of shape (N, K): it has {listed}."
                )
        if not names:
            raise InputError(f"{self.encoder.path} has no output of shape (N, K).")
        others = [name for name in names if name != given.spread_output]
        mu = given.mu or next((n for n in others if _says_mu(n)), others[0] if others else names[0])
        rest = [name for name in names if name != mu and found[name].shape == found[mu].shape]
        if given.spread_output is not None:
            return mu, given.spread_output
        if rest:
            return mu, next((n for n in rest if _says_spread(n)), rest[0])
        if found[mu].shape[1] % 2:
            raise InputError(
                f"{self.encoder.path} gives mu of {found[mu].shape[1]} values and nothing for σ: "
                "export logvar as a second output."
            )
        return mu, mu

    def _rows(self, x: Float32Array) -> Float32Array:
        values = 2 * x - 1 if self.reading.scale == "signed" else x
        return values.reshape(len(x), *self._image_input)

    def _halves(self, x: Float32Array) -> tuple[Float32Array, Float32Array]:
        parts = []
        for start in range(0, len(x), _SLICE):
            found = self.encoder.run(self._rows(x[start : start + _SLICE]))
            mu, spread = found[str(self.reading.mu)], found[str(self.reading.spread_output)]
            if self.reading.mu == self.reading.spread_output:
                mu, spread = np.split(mu, 2, axis=1)
            if mu.shape != spread.shape or mu.ndim != 2:
                raise InputError(
                    f"{self.encoder.path} gives mu of shape {mu.shape} and its spread of shape "
                    f"{spread.shape}, but they must be the same."
                )
            parts.append((mu, spread))
        mus, spreads = zip(*parts, strict=True)
        return np.concatenate(mus), np.concatenate(spreads)

    def _logvar(self, spread: Float32Array, kind: OnnxSpread | None) -> Float32Array:
        if kind in ("sigma", "variance"):
            if not (spread > 0).all():
                raise InputError(
                    f"{self.encoder.path} gives {self.reading.spread_output} that is not above 0, "
                    f"so it is no {kind}."
                )
            logs = np.log(spread)
            spread = 2 * logs if kind == "sigma" else logs
        elif kind == "log_sigma":
            spread = 2 * spread
        return np.clip(spread, -_MOST_LOGVAR, _MOST_LOGVAR)

    def _decoded(self, z: Float32Array) -> Float32Array:
        parts = []
        for start in range(0, len(z), _SLICE):
            found = self.decoder.run(z[start : start + _SLICE])
            name = self.reading.decoded or next(iter(found), "")
            if name not in found:
                listed = ", ".join(n[:40] for n in list(found)[:4])
                raise InputError(f"{self.decoder.path} has no output {name}: it has {listed}.")
            array, (channels, *side) = found[name], self._image_shape
            if channels > 1 and array.shape[1:] == (*side, channels):
                array = array.transpose(0, 3, 1, 2)  # colours come last
            flat = array.reshape(len(array), -1)
            pixels = self.architecture.pixels
            if flat.shape[1] != pixels:
                shape = of_images(self._image_shape)
                raise InputError(
                    f"{self.decoder.path} decodes to {'×'.join(map(str, found[name].shape[1:]))} "
                    f"values, but the images are {shape}: give the decoder of this encoder."
                )
            parts.append(flat)
        return np.concatenate(parts)

    def _settle_output(self, mu: Float32Array) -> None:
        takes = self.decoder.inputs[0].shape
        if len(takes) != 2 or takes[1] not in (None, mu.shape[1]):
            raise InputError(
                f"{self.decoder.path} takes z of shape {_shape(takes)}, but the encoder gives mu "
                f"of shape {_shape((None, mu.shape[1]))}: give the decoder of this encoder."
            )
        values = self._decoded(mu)
        given = self.reading
        least = 0 if given.scale == "unit" else -1
        bounded = bool(values.min() >= least and values.max() <= 1)
        output = given.output or ("image" if bounded else "logits")
        signed = output == "image" and bounded and values.min() < 0
        scale = given.scale or ("signed" if signed else "unit")
        decoded = given.decoded or self.decoder.outputs[0].name
        self.reading = replace(given, output=output, decoded=decoded, scale=scale)

    def _best(self, kinds: tuple[OnnxSpread, ...], x: Float32Array) -> OnnxSpread:
        mu, spread = self._halves(x)
        elbos = {}
        for kind in kinds:
            if kind in ("sigma", "variance") and not (spread > 0).all() and len(kinds) > 1:
                continue
            logvar = torch.from_numpy(self._logvar(spread, kind))
            elbos[kind] = self._elbo(torch.from_numpy(x), torch.from_numpy(mu), logvar)
        return max(elbos, key=lambda kind: elbos[kind])

    def _elbo(self, x: Tensor, mu: Tensor, logvar: Tensor) -> float:
        generator = torch.Generator().manual_seed(_SEED)
        eps = torch.randn((_SAMPLES, *mu.shape), generator=generator)
        z = reparameterise(mu, logvar, eps).flatten(0, 1)
        if not torch.isfinite(z).all():
            return -math.inf
        output = self.decode(z).reshape(_SAMPLES, *x.shape)
        elbo = log_likelihood(self.likelihood, output, x).mean(0) - kl_to_prior(mu, logvar)
        return float(elbo.mean())


def open_onnx(
    encoder: Path,
    decoder: Path,
    image_shape: tuple[int, int, int],
    x: Float32Array,
    reading: OnnxReading,
) -> OnnxVAE:
    """Start both processes. Raises InputError, and then leaves none."""
    with both_started(encoder, decoder) as (first, second):
        return OnnxVAE(first, second, image_shape, x, reading)


@contextmanager
def both_started(
    encoder: Path, decoder: Path, started: Callable[[OnnxProcess], None] | None = None
) -> Iterator[tuple[OnnxProcess, OnnxProcess]]:
    """Both processes, which are ended where what is done with them fails.

    started: is given each before its model is loaded, so that another thread can close it.
    """
    first = OnnxProcess(encoder, started=started)
    try:
        second = OnnxProcess(decoder, started=started)
        try:
            yield first, second
        except BaseException:
            second.close()
            raise
    except BaseException:
        first.close()
        raise


def image_input(encoder: OnnxProcess, image_shape: tuple[int, int, int]) -> tuple[int, ...]:
    """The shape, without the batch, in which the encoder takes an image. Raises InputError."""
    port = encoder.inputs[0]
    channels, height, width = image_shape
    ways: list[tuple[int, ...]] = [(math.prod(image_shape),), image_shape]
    if channels == 1:
        ways.append((height, width))
    for way in ways:
        if len(port.shape) == len(way) + 1 and all(
            takes in (None, size) for takes, size in zip(port.shape[1:], way, strict=True)
        ):
            return way
    raise InputError(
        f"{encoder.path} takes images of shape {_shape(port.shape)}, but the data has "
        f"{of_images(image_shape)} ({channels}×{height}×{width}): choose data of that shape."
    )


def _kinds(reading: OnnxReading, name: str) -> tuple[OnnxSpread, ...]:
    """What the spread may be, by what was said, else by its name."""
    if reading.spread is not None:
        return (reading.spread,)
    text = name.lower()
    if "log" in text or "ln" in text:
        return ("logvar",) if "var" in text else ("log_sigma",) if "s" in text[3:] else _ANY
    return ("sigma", "log_sigma") if re.search("sig|std|scale", text) else _ANY


_ANY: tuple[OnnxSpread, ...] = ("logvar", "log_sigma", "sigma", "variance")


def _says_mu(name: str) -> bool:
    return bool(re.search("mu|mean|loc", name.lower())) and not _says_spread(name)


def _says_spread(name: str) -> bool:
    return bool(re.search("var|sig|std|scale", name.lower()))


def _shape(shape: Port | tuple[int | None, ...]) -> str:
    sizes = shape.shape if isinstance(shape, Port) else shape
    return "×".join("N" if size is None else str(size) for size in sizes) or "a single number"
