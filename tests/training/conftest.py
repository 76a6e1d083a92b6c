"""Small parts of the bundled data: what training is tested on is what it is used on."""

from collections.abc import Generator
from dataclasses import replace

import pytest

from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import DataPair, Dataset
from tests.training.desk import Desk


def first(dataset: Dataset, n: int) -> Dataset:
    return replace(dataset, images=dataset.images[:n], labels=dataset.labels[:n])


@pytest.fixture(scope="session")
def mnist() -> DataPair:
    """1,000 training and 300 held-out images of the bundled MNIST."""
    pair = load_bundled("mnist")
    return DataPair(first(pair.train, 1000), first(pair.test, 300))


@pytest.fixture
def desk() -> Generator[Desk]:
    desk = Desk()
    yield desk
    desk.close()
