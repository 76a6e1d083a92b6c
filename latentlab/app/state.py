"""What the user is doing, as one frozen value: everything that undo brings back."""

from dataclasses import dataclass, field
from typing import Literal

from latentlab.app.chosen import Chosen
from latentlab.core.regime import PRESETS, Regime
from latentlab.core.section import Section
from latentlab.core.spec import Likelihood, LossWeights

Workspace = Literal["explore", "compare", "infer", "learn"]
LayerName = Literal["none", "decoded", "aggregate", "likelihood", "uncertainty"]
Point = tuple[float, float]

BETA_RANGE = (0.01, 100.0)
VARIANCE_RANGE = (0.001, 10.0)
ELLIPSE_SCALES = (1, 3, 10, 30)
STRIP_COUNTS = (3, 41)
LEARNING_RATE_RANGE = (1e-6, 1.0)
BATCH_SIZE_RANGE = (1, 4096)
# Anything further out is clamped: beyond this a float32 decoder sees nothing new,
# and pyqtgraph loses its range.
Z_LIMIT = 1e4
BY_CLASS = "class"
# The centre of a view is within Z_LIMIT; its edges may lie further out.
VIEW_LIMIT = 2 * Z_LIMIT


@dataclass(frozen=True, slots=True)
class Viewport:
    """The part of the latent plane in view, in latent units. The plane keeps it to scale."""

    x_min: float = -4.0
    x_max: float = 4.0
    y_min: float = -4.0
    y_max: float = 4.0


@dataclass(frozen=True, slots=True)
class Contender:
    """One of the networks that are compared; it has its `number` for good.

    name: of the run it is, where it comes from the other workspace, or "".
    """

    number: int
    regime: Regime
    name: str = ""


CONTENDERS = (2, 4)
FIRST_CONTENDERS = tuple(
    Contender(number, PRESETS[name])
    for number, name in enumerate(("reconstruction only", "KL only", "both"))
)


@dataclass(frozen=True, slots=True)
class AppState:
    """The user's choices. `selected` indexes the training images, the one image that is
    explained; `chosen` are many. `run` names the engine's run.

    section: the plane through the latent space that is shown; z, z1 and z2 are points on it, and
    stand for those of the latent space that `section.lift` makes of them.
    layer: what lies behind the points of the plane. colour_by: a factor of the images, or BY_CLASS.
    past, compared_past: the step of the run, and of the networks that are compared, that is looked
    back at; None for now. infer_view: what the user looks at of the true posterior; None for
    where its mass is.
    """

    z: Point = (0.0, 0.0)
    z1: Point = (-2.0, 1.2)
    z2: Point = (1.5, 2.2)
    section: Section = field(default_factory=Section)
    selected: int | None = None
    chosen: Chosen = field(default_factory=Chosen)
    weights: LossWeights = field(default_factory=LossWeights)
    likelihood: Likelihood = field(default_factory=Likelihood)
    learning_rate: float = 1e-3
    batch_size: int = 64
    viewport: Viewport = field(default_factory=Viewport)
    isolated_class: int | None = None
    ellipse_scale: int = 1
    layer: LayerName = "none"
    colour_by: str = BY_CLASS
    forces_on: bool = False
    strip_count: int = 11
    spherical: bool = False
    log_curves: bool = False
    run: int = 0
    past: int | None = None
    compared_past: int | None = None
    workspace: Workspace = "explore"
    compared: tuple[Contender, ...] = FIRST_CONTENDERS
    compare_view: Viewport = Viewport(-6.0, 6.0, -6.0, 6.0)
    infer_view: Viewport | None = None
