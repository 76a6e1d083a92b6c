"""What the data panel says of the model that is open."""

from latentlab.app.opening import Opened
from latentlab.training.messages import Snapshot
from latentlab.ui.data_words import described_data


def described(snapshot: Snapshot, opened: Opened | None) -> tuple[str, str]:
    """The model in a line, and its details."""
    parameters = sum(array.size for array in snapshot.parameters.values())
    line = snapshot.architecture.summary
    if parameters > 0:
        line += f" · {parameters:,} parameters"
    if not snapshot.from_file:
        line = f"From scratch: {line}"
    if opened is None:
        return line, ""
    decay = snapshot.settings.weight_decay
    how = f"\nTrained with a weight decay of {decay:g}" if decay > 0 else ""
    data, details = described_data(opened.pair)
    return f"{line}\n{data}", f"{details}{how}"
