"""What a VAE is and what it minimises, as plain values. Imports no torch, so the window can too."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from latentlab.core.layers import MAX_LAYERS, MAX_VALUES, Layer, layers_from_json, shapes_through
from latentlab.errors import InputError

Activation = Literal["silu", "relu", "gelu", "tanh", "elu", "leaky_relu", "sigmoid", "softplus"]
NetworkKind = Literal["mlp", "conv"]
LogvarHead = Literal["bounded", "free", "sigma", "softplus", "softplus_variance"]
Output = Literal["logits", "image"]
LikelihoodName = Literal["bernoulli", "gaussian", "continuous_bernoulli"]

MAX_WIDTH = 16_384
MAX_DEPTH = 16
MAX_PIXELS = MAX_VALUES
MAX_LATENT_DIM = 1_024

# Of what an encoder may say, smoothly: e^±LOGVAR_BOUND is finite in float32 with room to be
# squared, and far outside what trains.
LOGVAR_BOUND = 14.0

# Of any other: so far out e^logvar and its square are finite still.
FREE_LOGVAR_BOUND = 40.0

# What a network of another's making may have and ours never do: left out of a file if as here.
_OURS: dict[str, Any] = {
    "leak": 0.01,
    "decoder_hidden": None,
    "encoder_layers": None,
    "decoder_layers": None,
    "logvar_head": "bounded",
    "output": "logits",
}


def _require(condition: bool, field: str, what: str) -> None:
    if not condition:
        raise InputError(f"{field} {what}")


def _is_int(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _are_widths(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and 1 <= len(value) <= MAX_DEPTH
        and all(_is_int(n, 1, MAX_WIDTH) for n in value)
    )


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes of an encoder and a decoder that mirrors it.

    `hidden` holds the encoder's widths from the image to the latent: units for an "mlp", channels
    (each level halves the image) for a "conv". `residual_blocks` follow each dense layer of the
    encoder, `decoder_blocks` (None: as many) those of the decoder; with `normalised` each begins
    with a LayerNorm, and so does the last layer.

    The rest is for networks of another's making. `leak`: the slope of a leaky_relu below 0.
    `decoder_hidden`: an MLP decoder's widths from the latent to the image; None mirrors `hidden`.
    `encoder_layers`, `decoder_layers`: every module from the image's D values to 2K,
    and from K to D, in place of `hidden` and the rest; both or neither.
    `logvar_head`: whether the encoder's second half is logvar bounded smoothly; or, with logvar cut
    at ±FREE_LOGVAR_BOUND, is logvar itself ("free"), is σ but for its sign, or becomes σ or σ² by
    softplus. `output`: whether the decoder's last layer gives logits, or the image,
    cut to (0, 1), whose logits then stand for it. Raises InputError when a size is out of range.
    """

    image_shape: tuple[int, int, int] = (1, 28, 28)
    latent_dim: int = 2
    kind: NetworkKind = "mlp"
    hidden: tuple[int, ...] = (512, 256)
    activation: Activation = "silu"
    residual_blocks: int = 0
    decoder_blocks: int | None = None
    normalised: bool = False
    leak: float = 0.01
    decoder_hidden: tuple[int, ...] | None = None
    logvar_head: LogvarHead = "bounded"
    output: Output = "logits"
    encoder_layers: tuple[Layer, ...] | None = None
    decoder_layers: tuple[Layer, ...] | None = None

    def __post_init__(self) -> None:
        _require(
            isinstance(self.image_shape, tuple)
            and len(self.image_shape) == 3
            and all(_is_int(n, 1, MAX_PIXELS) for n in self.image_shape)
            and math.prod(self.image_shape) <= MAX_PIXELS,
            "image_shape",
            f"must be (channels, height, width) with at most {MAX_PIXELS} values",
        )
        _require(
            _is_int(self.latent_dim, 1, MAX_LATENT_DIM),
            "latent_dim",
            f"must be a whole number from 1 to {MAX_LATENT_DIM}",
        )
        _require(self.kind in get_args(NetworkKind), "kind", "must be mlp or conv")
        widths = f"must be 1 to {MAX_DEPTH} layer widths, each from 1 to {MAX_WIDTH}"
        _require(_are_widths(self.hidden), "hidden", widths)
        _require(
            self.decoder_hidden is None
            or (self.kind == "mlp" and _are_widths(self.decoder_hidden)),
            "decoder_hidden",
            f"{widths}, for an mlp alone",
        )
        _require(
            self.activation in get_args(Activation),
            "activation",
            f"must be one of {', '.join(get_args(Activation))}",
        )
        for name in ("residual_blocks", "decoder_blocks"):
            blocks = getattr(self, name)
            _require(
                _is_int(blocks, 0, MAX_DEPTH) or (name == "decoder_blocks" and blocks is None),
                name,
                f"must be a whole number from 0 to {MAX_DEPTH}",
            )
        _require(isinstance(self.normalised, bool), "normalised", "must be true or false")
        _require(
            isinstance(self.leak, float) and 0 <= self.leak <= 1, "leak", "must be from 0 to 1"
        )
        for name, choices in (("logvar_head", LogvarHead), ("output", Output)):
            known = get_args(choices)
            _require(getattr(self, name) in known, name, f"must be {' or '.join(known)}")
        self._check_layers()

    def _check_layers(self) -> None:
        halves = (self.encoder_layers, self.decoder_layers)
        if halves == (None, None):
            return
        ends = ((self.pixels, 2 * self.latent_dim), (self.latent_dim, self.pixels))
        for name, (start, end) in zip(("encoder_layers", "decoder_layers"), ends, strict=True):
            layers = getattr(self, name)
            _require(
                isinstance(layers, tuple)
                and 1 <= len(layers) <= MAX_LAYERS
                and all(isinstance(layer, Layer) for layer in layers),
                name,
                f"must be 1 to {MAX_LAYERS} layers, of both halves",
            )
            at_latent = layers[-1] if name == "encoder_layers" else layers[0]
            _require(at_latent.kind == "dense", name, "must have a dense layer at the latent")
            try:
                last = shapes_through(layers, (start,))[-1]
            except InputError as error:
                raise InputError(f"{name} do not fit: {error}") from error
            _require(last == (end,), name, f"must lead from {start} values to {end}")

    @property
    def pixels(self) -> int:
        """Values in one image: channels × height × width."""
        return math.prod(self.image_shape)

    @property
    def summary(self) -> str:
        """For example "784-400-2-400-784"."""
        layers = (*(self.encoder_layers or ()), *(self.decoder_layers or ()))
        if self.kind == "conv" and self.encoder_layers and self.decoder_layers:
            down = _sizes_through(self.encoder_layers[:-1], self.pixels)
            up = _sizes_through(self.decoder_layers, self.latent_dim)
            return f"conv {down}-{up}"
        widths = "-".join(str(n) for n in self.hidden)
        mirrored = "-".join(str(n) for n in self.widths_of_decoder)
        text = f"{self.pixels}-{widths}-{self.latent_dim}-{mirrored}-{self.pixels}"
        if self.kind == "conv":
            text = f"conv {text}"
        encoder, decoder = self.residual_blocks, self.blocks_of_decoder
        if encoder or decoder:
            blocks = f"{encoder}" if encoder == decoder else f"{encoder} + {decoder}"
            text = f"{text}, {blocks} residual"
        normalised = self.normalised or any(layer.kind == "norm" for layer in layers)
        return f"{text}, normalised" if normalised else text

    @property
    def blocks_of_decoder(self) -> int:
        """Residual blocks after each dense layer of the decoder."""
        return self.residual_blocks if self.decoder_blocks is None else self.decoder_blocks

    @property
    def widths_of_decoder(self) -> tuple[int, ...]:
        """From the latent to the image."""
        return tuple(reversed(self.hidden)) if self.decoder_hidden is None else self.decoder_hidden

    def to_json(self) -> dict[str, Any]:
        """As JSON values; fields that only networks of another's making use, where they do."""
        fields = {n: v for n, v in asdict(self).items() if n not in _OURS or v != _OURS[n]}
        if self.decoder_hidden is not None:
            fields["decoder_hidden"] = list(self.decoder_hidden)
        for name in ("encoder_layers", "decoder_layers"):
            layers = getattr(self, name)
            if layers is not None:
                fields[name] = [layer.to_json() for layer in layers]
        return {**fields, "image_shape": list(self.image_shape), "hidden": list(self.hidden)}

    @classmethod
    def from_json(cls, value: object) -> "Architecture":
        """From JSON values. Raises InputError naming the field."""
        fields = _object(value, "architecture", cls)
        for name in ("image_shape", "hidden", "decoder_hidden"):
            if isinstance(fields.get(name), list):
                fields[name] = tuple(fields[name])
        for name in ("encoder_layers", "decoder_layers"):
            if fields.get(name) is not None:
                fields[name] = layers_from_json(fields[name])
        return cls(**fields)


def _sizes_through(layers: tuple[Layer, ...], start: int) -> str:
    """What each layer with weights gives, for example "784-32×14×14-64×7×7"."""
    shapes = shapes_through(layers, (start,))[1:]
    given = [shape for layer, shape in zip(layers, shapes, strict=True) if layer.weighted]
    return "-".join("×".join(map(str, shape)) for shape in ((start,), *given))


@dataclass(frozen=True, slots=True)
class Unseen(Architecture):
    """That of a network whose layers nobody knows: only image_shape and latent_dim mean anything.

    No network can be made of it.
    """

    @property
    def summary(self) -> str:
        """For example "ONNX, 784 → 2 → 784"."""
        return f"ONNX, {self.pixels} → {self.latent_dim} → {self.pixels}"


LIVE_ARCHITECTURE = Architecture(hidden=(400,))
LIVE_CONVOLUTIONS = Architecture(kind="conv", hidden=(16, 32))


@dataclass(frozen=True, slots=True)
class Likelihood:
    """p(x|z). `variance` is the Gaussian's σ², in squared pixel values (pixels are 0 to 1)."""

    name: LikelihoodName = "bernoulli"
    variance: float = 0.1

    def __post_init__(self) -> None:
        _require(
            self.name in get_args(LikelihoodName),
            "likelihood",
            f"must be one of {', '.join(get_args(LikelihoodName))}",
        )
        _require(
            isinstance(self.variance, int | float)
            and not isinstance(self.variance, bool)
            and 1e-6 <= self.variance <= 1e6,
            "variance",
            "must be a number from 1e-6 to 1e6",
        )

    @property
    def binarises(self) -> bool:
        """Whether images are binarised before this likelihood sees them."""
        return self.name == "bernoulli"

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "Likelihood":
        """From JSON values. Raises InputError naming the field."""
        return cls(**_object(value, "likelihood", cls))


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Which terms are minimised, and by how much: objective = w·reconstruction + β·KL.

    Each term has a switch and a factor (≥ 0); a term switched off has weight 0. The factors are
    kept while a term is off, so switching it on again brings the same objective back.
    """

    reconstruction_on: bool = True
    kl_on: bool = True
    reconstruction_factor: float = 1.0
    beta: float = 1.0

    def __post_init__(self) -> None:
        for name in ("reconstruction_on", "kl_on"):
            _require(isinstance(getattr(self, name), bool), name, "must be true or false")
        for name in ("reconstruction_factor", "beta"):
            value = getattr(self, name)
            _require(
                isinstance(value, int | float)
                and not isinstance(value, bool)
                and 0 <= value <= 1e6,
                name,
                "must be a number from 0 to 1e6",
            )

    @property
    def reconstruction(self) -> float:
        """The weight of the reconstruction term now."""
        return self.reconstruction_factor if self.reconstruction_on else 0.0

    @property
    def kl(self) -> float:
        """The weight of the KL term now."""
        return self.beta if self.kl_on else 0.0

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to minimise."""
        return self.reconstruction == 0 and self.kl == 0

    def warmed(self, factor: float) -> "LossWeights":
        """With the KL term's weight times `factor`, as a warm-up has it."""
        return self if factor == 1 else replace(self, beta=factor * self.beta)

    @property
    def formula(self) -> str:
        """For example "rec + 4·KL"."""
        terms = [(self.reconstruction, "rec"), (self.kl, "KL")]
        parts = [name if w == 1 else f"{w:.4g}·{name}" for w, name in terms if w != 0]
        return " + ".join(parts) or "nothing"

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "LossWeights":
        """From JSON values. Raises InputError naming the field."""
        return cls(**_object(value, "weights", cls))


def _object(value: object, name: str, cls: type) -> dict[str, Any]:
    known = set(cls.__dataclass_fields__)  # type: ignore[attr-defined]
    if not isinstance(value, dict) or not set(value) <= known:
        raise InputError(f"{name} must be an object with fields among {', '.join(sorted(known))}")
    return dict(value)
