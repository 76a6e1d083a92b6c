"""A long run in words. What belongs together is not parted where a line is broken."""

import math

from latentlab.training.messages import PlanProgress
from latentlab.ui.number_text import fixed

_SPACE = "\N{NO-BREAK SPACE}"


def duration(seconds: float) -> str:
    """A time as people say it: "45 s", "12 min", "3 h 20 min"; ∞ where it is not finite."""
    if not math.isfinite(seconds):
        return "∞"
    minutes = round(seconds / 60)
    if seconds < 60:
        text = f"{max(round(seconds), 1)} s"
    elif minutes < 60:
        text = f"{minutes} min"
    else:
        text = f"{minutes // 60:,} h {minutes % 60} min"
    return text.replace(" ", _SPACE)


def how_far(plan: PlanProgress) -> str:
    """For example "epoch 3.2 of 50 · 12 min left"; the time where it is known."""
    left = plan.seconds_left
    time = "" if left is None else f" · {duration(left)} left"
    return f"epoch {min(plan.epoch, plan.plan.epochs):.1f} of {plan.plan.epochs:,}{time}"


def best_so_far(plan: PlanProgress) -> str:
    """For example "best: ELBO −152.3 (step 940)"; by the objective minimised."""
    if plan.best_elbo is None or plan.best_step is None:
        return "best: after an epoch"
    return f"best: ELBO {fixed(plan.best_elbo, 1)} (step {plan.best_step:,})"


def shown_factor(factor: float) -> float:
    """A factor as a formula shows it: with two digits, so that it does not flicker."""
    return float(f"{factor:.2g}")
