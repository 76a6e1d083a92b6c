"""What there is to say of the model that is open, as Markdown. Imports no torch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from latentlab.app.opening import Opened
from latentlab.core.checkpoint import Checkpoint
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.data.dataset import Dataset
from latentlab.paths import PRETRAINED, pretrained_models
from latentlab.training.messages import Float32Array, Snapshot

if TYPE_CHECKING:
    from latentlab.training.onnx_process import OnnxProcess, Port
    from latentlab.training.onnx_vae import OnnxVAE

_SHORT = 12  # characters of a SHA-256
# Of images, at most: hashing them takes a tenth of a second, and the window waits for the card.
_HASHED_BYTES = 1 << 28
_SPREADS = {"logvar": "log σ²", "log_sigma": "log σ", "sigma": "σ", "variance": "σ²"}
_KINDS = {1: "scale or bias", 2: "linear", 4: "3×3 convolution"}


@dataclass(frozen=True, slots=True)
class _Model:
    """What a file and a live run both say."""

    architecture: Architecture
    likelihood: Likelihood
    weights: LossWeights
    parameters: Mapping[str, Float32Array]
    training: Mapping[str, Any]


def model_card(opened: Opened, snapshot: Snapshot | None) -> str:
    """The card of what is open; snapshot: how its run stands, where that is known by now."""
    if opened.onnx is not None:
        return _onnx_card(opened, opened.onnx, snapshot)
    model = _model(opened, snapshot)
    parts = [f"# {_plain(opened.title)}"]
    if model is None:
        parts.append("The network is being made: its card comes in a moment.")
        return "\n\n".join(parts) + "\n"
    parts += [
        _table("Network", _network(model)),
        _layers(model.parameters),
        _table("Data", _data(opened)),
        _table("Objective", _objective(model)),
        _table("Training", _training(model)),
        _table("Figures", _figures(opened, snapshot)),
    ]
    shipped = _shipped(opened)
    if shipped:
        step = opened.checkpoint.weights_step if opened.checkpoint else 0
        parts.append(f"## As shipped, at step {step:,}\n\n{shipped}")
    return "\n\n".join(parts) + "\n"


def _onnx_card(opened: Opened, model: "OnnxVAE", snapshot: Snapshot | None) -> str:
    """What is known of two files of which only inputs and outputs are."""
    likelihood = snapshot.likelihood if snapshot is not None else model.likelihood
    channels, height, width = model.architecture.image_shape
    reading = model.reading
    whole = reading.mu == reading.spread_output
    spread = _SPREADS[reading.spread or "logvar"]
    parts = [
        f"# {_plain(opened.title)}",
        _table(
            "Network",
            {
                "images": f"{channels} × {height} × {width} (channels × height × width)",
                "latent dimensions": f"K = {model.architecture.latent_dim}",
                "μ": f"encoder's {_plain(reading.mu or '')}" + (", first half" if whole else ""),
                "σ": f"{spread} is encoder's {_plain(reading.spread_output or '')}"
                + (", second half" if whole else ""),
                "image": f"{reading.output} of decoder's {_plain(reading.decoded or '')}",
                "layers and weights": "not read: each file is computed in a limited process of its "
                "own, so that nothing here is trained or saved",
            },
        ),
        _table("Encoder", _onnx_file(model.encoder)),
        _table("Decoder", _onnx_file(model.decoder)),
        _table("Data", _data(opened, "shown")),
        _table("Likelihood", {"p(x|z)": _likelihood(likelihood), "prior p(z)": "N(0, I)"}),
        _table("Figures", {**_figures(opened, snapshot), "by": _likelihood(likelihood)}),
    ]
    return "\n\n".join(parts) + "\n"


def _onnx_file(process: "OnnxProcess") -> dict[str, str]:
    def ports(of: "tuple[Port, ...]") -> str:
        return ", ".join(
            f"{_plain(port.name)} {' × '.join('N' if n is None else str(n) for n in port.shape)}"
            for port in of
        )

    return {
        "file": _plain(str(process.path)),
        "size": f"{process.size:,} bytes",
        "SHA-256": process.sha256,
        "opset": str(process.opset) if process.opset else "none of ONNX's own",
        "takes": ports(process.inputs),
        "gives": ports(process.outputs),
    }


def _model(opened: Opened, snapshot: Snapshot | None) -> _Model | None:
    checkpoint = opened.checkpoint
    if snapshot is None:
        return _of_file(checkpoint) if checkpoint is not None else None
    settings = snapshot.settings
    training: dict[str, Any] = {
        "seed": settings.seed,
        "steps": snapshot.step,
        "weights_step": snapshot.weights_step,
        "epochs": snapshot.epoch,
        "learning_rate": settings.learning_rate,
        "batch_size": settings.batch_size,
        "weight_decay": settings.weight_decay,
    }
    kept = checkpoint.training if checkpoint is not None else {}
    if kept.get("steps") == snapshot.step and "seconds" in kept:
        training["seconds"] = kept["seconds"]
    return _Model(
        snapshot.architecture,
        snapshot.likelihood,
        snapshot.weights,
        snapshot.parameters,
        training,
    )


def _of_file(checkpoint: Checkpoint) -> _Model:
    return _Model(
        checkpoint.architecture,
        checkpoint.likelihood,
        checkpoint.weights,
        checkpoint.parameters,
        checkpoint.training,
    )


def _network(model: _Model) -> dict[str, str]:
    architecture = model.architecture
    count = sum(array.size for array in model.parameters.values())
    channels, height, width = architecture.image_shape
    return {
        "architecture": f"{architecture.summary} ({architecture.kind}), {architecture.activation}",
        "images": f"{channels} × {height} × {width} (channels × height × width)",
        "latent dimensions": f"K = {architecture.latent_dim}",
        "parameters": f"{count:,}, float32",
    }


def _layers(parameters: Mapping[str, Float32Array]) -> str:
    """One row a layer: its tensors' shapes, and how many numbers they are."""
    layers: dict[str, dict[str, Float32Array]] = {}
    for name, array in parameters.items():
        layer, _, tensor = name.rpartition(".")
        layers.setdefault(layer, {})[tensor] = array
    rows = []
    for layer, tensors in layers.items():
        shapes = ", ".join(
            f"{tensor} {' × '.join(map(str, array.shape))}" for tensor, array in tensors.items()
        )
        largest = max(array.ndim for array in tensors.values())
        kind = "layer norm" if largest == 1 else _KINDS.get(largest, "tensors")
        count = sum(array.size for array in tensors.values())
        rows.append(f"| {layer} | {kind} | {shapes} | {count:,} |")
    return "\n".join(["| layer | kind | tensors | parameters |", "|---|---|---|---:|", *rows])


def _data(opened: Opened, what: str = "shown and trained on") -> dict[str, str]:
    train, test = opened.pair.train, opened.pair.test
    shown = {"on the plane": f"a sample of {train.counted} training images"}
    rows = {
        what: f"{_plain(train.name)}: {train.total:,} training images, "
        f"{test.counted} held-out images",
        **(shown if train.drawn else {}),
        "SHA-256 (training)": _fingerprint(train),
        "SHA-256 (held-out)": _fingerprint(test),
        "source": _plain(train.source),
        "licence": _plain(train.licence),
    }
    own = rows["SHA-256 (training)"].partition(",")[0]
    known = opened.checkpoint.data if opened.checkpoint is not None else {}
    if not known.get("sha256", "").startswith(own) and "sha256" in known:
        count = f"{known['n']:,} images, " if "n" in known else ""
        if "sample" in known:
            count += f"of a sample of {known['sample']:,} the "
        name = _plain(known.get("name", "other images"))
        rows["loaded model's training set"] = f"{name}: {count}SHA-256 {known['sha256'][:_SHORT]}"
    return rows


def _of(images: Dataset) -> str:
    return f"the {len(images):,}" if images.drawn is None else f"a sample of {images.counted}"


def _fingerprint(images: Dataset) -> str:
    if images.images.nbytes > _HASHED_BYTES:
        return f"not taken of more than {_HASHED_BYTES >> 20} MiB"
    if images.drawn is not None:
        return f"{images.sha256[:_SHORT]}, of a sample of {images.counted} images"
    return images.sha256[:_SHORT]


def _objective(model: _Model) -> dict[str, str]:
    return {
        "minimised": f"{model.weights.formula}, rec = −E_q[log p(x|z)], KL = KL(q(z|x)‖p(z)), "
        "nats per image",
        "likelihood p(x|z)": _likelihood(model.likelihood),
        "prior p(z)": "N(0, I)",
    }


def _likelihood(likelihood: Likelihood) -> str:
    name = likelihood.name.replace("_", " ")
    if likelihood.name == "gaussian":
        name += f" with σ² = {likelihood.variance:g} (squared pixel values)"
    return f"{name}, images binarised" if likelihood.binarises else name


def _training(model: _Model) -> dict[str, str]:
    known = model.training
    rows: dict[str, str] = {}
    if "steps" in known:
        rows["steps"] = f"{known['steps']:,}"
        if known.get("weights_step", known["steps"]) != known["steps"]:
            rows["steps"] += f", weights of step {known['weights_step']:,}"
    for name, label, form in (
        ("epochs", "epochs", ",.2f"),
        ("seed", "seed", "d"),
        ("learning_rate", "learning rate", "g"),
        ("weight_decay", "weight decay", "g"),
        ("batch_size", "batch", ",d"),
        ("seconds", "seconds", ",.0f"),
    ):
        if name in known:
            rows[label] = format(known[name], form)
    return rows


def _figures(opened: Opened, snapshot: Snapshot | None) -> dict[str, str]:
    if snapshot is None or snapshot.heldout is None:
        return {"held-out ELBO": "not yet measured"}
    terms = snapshot.heldout
    rows = {
        "held-out ELBO": f"{_signed(-terms.negative_elbo)} nats per image, weights 1",
        "= −(reconstruction + KL)": f"reconstruction {_signed(terms.reconstruction)}, "
        f"KL {_signed(terms.kl)}",
        "of": f"{_of(opened.pair.test)} held-out images of {_plain(opened.pair.name)}, one "
        "draw of ε each, the same ones always; while it trains, last measured a moment ago",
    }
    if snapshot.latest is not None:
        rows["newest batch, −ELBO"] = f"{_signed(snapshot.latest.negative_elbo)} nats per image"
    return rows


def _shipped(opened: Opened) -> str:
    """The text that came with a shipped model, without its title; "" for any other."""
    if opened.model not in pretrained_models():
        return ""
    file = PRETRAINED / f"{opened.model}.md"
    if not file.is_file():
        return ""
    text = file.read_text(encoding="utf-8")
    return text.partition("\n")[2].strip() if text.startswith("# ") else text.strip()


def _table(title: str, rows: Mapping[str, str]) -> str:
    lines = [f"| {_cell(name)} | {_cell(value)} |" for name, value in rows.items()]
    return "\n".join([f"## {title}", "", "| | |", "|---|---|", *lines])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if math.isfinite(value) else "not finite"


def _plain(text: str) -> str:
    """A name or a line from a file, which is no Markdown of ours."""
    return "".join(
        f"\\{c}" if c in "\\`*_{}[]<>#!~" else c if c.isprintable() else " " for c in text
    )
