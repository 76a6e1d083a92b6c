"""The model the app opens on, read once."""

import pytest

from latentlab.app.opening import DEFAULT_MODEL, Opened, open_model


@pytest.fixture(scope="session")
def live() -> Opened:
    """The shipped model, with the bundled images it is shown with."""
    return open_model(DEFAULT_MODEL)
