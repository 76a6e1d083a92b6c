"""What may lie behind the points of the plane, in words."""

from dataclasses import dataclass

from latentlab.app.state import LayerName


@dataclass(frozen=True)
class LayerWords:
    """The layer's name in a list, and what it shows."""

    name: str
    tip: str


LAYERS: dict[LayerName, LayerWords] = {
    "none": LayerWords("None", "Nothing behind the points"),
    "decoded": LayerWords(
        "Decoded images", "The mean of p(x|z), decoded on a grid of z over what is in view"
    ),
    "aggregate": LayerWords(
        "q(z) against p(z)",
        "log q(z)/p(z), of the aggregate posterior q(z) = (1/N) Σₙ q(z|xₙ) and the prior: where a "
        "sample of the prior meets more or fewer images than it should. A hole is where, within "
        "3σ, q(z) is less than a tenth of p(z)",
    ),
    "likelihood": LayerWords(
        "log p(x|z) of the image",
        "The likelihood of the selected image x from each z: what the decoder alone says of where "
        "x comes from. Times the prior it is, but for a factor, the true posterior",
    ),
    "uncertainty": LayerWords(
        "Decoder's uncertainty",
        "The entropy of a Bernoulli p(x|z), mean over pixels: 0 where every pixel is surely black "
        "or white, log 2 = 0.69 nats where all are as likely either",
    ),
}
