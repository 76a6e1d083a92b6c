"""How a state dict's convolutions may step over an image: weights do not tell strides and paddings.

What is tried is what brings an image of the data's size to the values that the next layer takes;
the plainest come first.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from latentlab.core.layers import Layer, Shape
from latentlab.errors import InputError

# Of all that fit, so many are tried.
_MOST = 8

# Sizes tried, of layer after layer; a file may have been made to have many.
_MOST_TRIES = 20_000


@dataclass(frozen=True, slots=True)
class Step:
    """What a convolution's weight does not tell.

    transposed: whether it is a transposed one. pool: it is followed by a max-pooling of so many
    pixels each way. enlarge: before it each pixel is repeated so many times each way.
    """

    stride: int
    padding: int
    output_padding: int = 0
    transposed: bool = False
    pool: int = 1
    enlarge: int = 1

    @property
    def plainness(self) -> tuple[int, ...]:
        """A key for sorting, the plainest first."""
        usual = self.pool == 1 and (self.stride == 2 or self.enlarge == 2)
        return self.pool - 1, int(not usual), self.output_padding, self.padding

    def layers(self, size: int, kernel: int) -> list[Layer]:
        """Enlargement and convolution."""
        before = [Layer("enlarge", stride=self.enlarge)] if self.enlarge > 1 else []
        if self.transposed:
            last = Layer("deconv", size, kernel, self.stride, self.padding, self.output_padding)
        else:
            last = Layer("conv", size, kernel, self.stride, self.padding)
        return [*before, last]

    def after(self, side: Shape, kernel: int) -> Shape | None:
        """The (height, width) it makes; None where it makes nothing of so small a one."""
        shape: Shape = (1, *side)
        try:
            for layer in (*self.layers(1, kernel), Layer("pool", kernel=self.pool)):
                shape = layer.after(shape)
        except InputError:
            return None
        return shape[1:]


Steps = tuple[Step, ...]


@lru_cache(maxsize=64)
def steps_down(kernels: tuple[int, ...], side: Shape, values: int) -> list[Steps]:
    """Of convolutions with these kernels, from an image of (height, width) to so many `values` a
    channel; up to 8, the plainest first."""
    options = [
        [
            Step(stride, padding, pool=pool)
            for pool in (1, 2)
            for stride in (2, 1)
            for padding in _paddings(kernel)
            if stride == 1 or pool == 1
        ]
        for kernel in kernels
    ]
    return _fitting(options, kernels, side, lambda end: math.prod(end) == values)


@lru_cache(maxsize=64)
def steps_up(
    kernels: tuple[int, ...], transposed: tuple[tuple[bool, ...], ...], start: Shape, side: Shape
) -> list[Steps]:
    """Of a decoder's, from (height, width) `start` to an image's `side`. transposed: of each, what
    shapes leave open."""
    options = [
        [option for turned in kinds for option in _growing(kernel, turned)]
        for kernel, kinds in zip(kernels, transposed, strict=True)
    ]
    return _fitting(options, kernels, start, lambda end: end == side)


def _paddings(kernel: int) -> list[int]:
    """The padding that halves an even size first, as tutorials have it."""
    usual = (kernel - 1) // 2
    return sorted(range(kernel // 2 + 1), key=lambda padding: abs(padding - usual))


def _growing(kernel: int, transposed: bool) -> list[Step]:
    if not transposed:
        return [Step(1, p, enlarge=e) for e in (2, 1) for p in _paddings(kernel)]
    return [
        Step(stride, padding, output_padding, transposed=True)
        for stride in (2, 1)
        for padding in _paddings(kernel)
        for output_padding in range(stride)
    ]


def _fitting(
    options: list[list[Step]],
    kernels: Sequence[int],
    start: Shape,
    ends: Callable[[Shape], bool],
) -> list[Steps]:
    """Those that are the same for every kernel of a size, and any."""
    alike = _alike(options, kernels, start, ends)
    found = dict.fromkeys(itertools.chain(alike, _any(options, kernels, start, ends)))
    return sorted(found, key=_plainness)[:_MOST]


def _plainness(steps: Steps) -> tuple[bool, int, list[int]]:
    """A key for sorting. Max-pooling stands behind every layer or none."""
    sums = [sum(column) for column in zip(*(step.plainness for step in steps), strict=True)]
    return len({step.pool for step in steps}) > 1, len(set(steps)), sums


def _alike(
    options: list[list[Step]],
    kernels: Sequence[int],
    start: Shape,
    ends: Callable[[Shape], bool],
) -> Iterator[Steps]:
    groups = dict(zip(zip(kernels, map(tuple, options), strict=True), options, strict=True))
    for chosen in itertools.islice(itertools.product(*groups.values()), _MOST_TRIES):
        of = dict(zip(groups, chosen, strict=True))
        steps = tuple(of[key] for key in zip(kernels, map(tuple, options), strict=True))
        side: Shape | None = start
        for step, kernel in zip(steps, kernels, strict=True):
            side = side and step.after(side, kernel)
        if side and ends(side):
            yield steps


def _any(
    options: list[list[Step]],
    kernels: Sequence[int],
    start: Shape,
    ends: Callable[[Shape], bool],
) -> Iterator[Steps]:
    tries = itertools.count()

    def on(side: Shape, done: Steps) -> Iterator[Steps]:
        at = len(done)
        if at == len(kernels):
            if ends(side):
                yield done
            return
        for step in options[at]:
            if next(tries) >= _MOST_TRIES:
                return
            after = step.after(side, kernels[at])
            if after is not None:
                yield from on(after, (*done, step))

    return on(start, ())


def told(steps: Steps) -> str:
    """For people, for example "stride 2, padding 1"."""
    parts = [
        _each("stride", [step.stride for step in steps], 0),
        _each("padding", [step.padding for step in steps], -1),
        _each("output padding", [step.output_padding for step in steps], 0),
        _each("max-pooling of", [step.pool for step in steps], 1),
        _each("enlarged by", [step.enlarge for step in steps], 1),
    ]
    return ", ".join(part for part in parts if part)


def _each(name: str, values: list[int], usual: int) -> str:
    """One number where all are the same; nothing where they are as usual."""
    if set(values) == {usual}:
        return ""
    return f"{name} {'·'.join(map(str, values)) if len(set(values)) > 1 else values[0]}"
