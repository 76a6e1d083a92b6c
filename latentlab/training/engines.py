"""Which engine trains what."""

from latentlab.training.comparison import ComparisonEngine
from latentlab.training.engine import Engine
from latentlab.training.messages import Trained

AnyEngine = Engine | ComparisonEngine


def new_engine(what: Trained) -> AnyEngine:
    """An engine that has not been started."""
    return ComparisonEngine() if what == "comparison" else Engine()
