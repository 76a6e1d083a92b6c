"""The one binarisation of an image that every figure about it uses."""

import hashlib
import math

import numpy as np
import numpy.typing as npt

# Changing it changes every figure ever quoted for a Bernoulli model.
_SEED = b"latentlab binarise 1"
# 255 of these steps make 2³² − 1, so a grey level v is just v steps.
_STEP = np.uint32(0xFFFFFFFF // 255)
_TOP = np.uint32(0xFFFFFFFF - 1)
_CHUNK = 1024


def binarise_fixed(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Each pixel v of `images` (N, ...) becomes 1 with probability v/255, else 0; same shape.

    0 and 255 are certain; the other probabilities are exact to 2⁻³². The draws come from SHAKE-256
    of the image itself, so an image is binarised alike wherever it stands, whatever stands beside
    it, on every machine and in every version of NumPy, and different images are independent.
    """
    binary = np.empty(images.shape, np.uint8)
    pixels = math.prod(images.shape[1:])
    rows = np.ascontiguousarray(images).reshape(len(images), pixels)
    out = binary.reshape(len(images), pixels)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        draws = np.frombuffer(b"".join(_stream(row, 4 * pixels) for row in part), "<u4")
        # The one draw too many, 2³² − 1, counts as its neighbour, so that 255 is certain.
        uniform = np.minimum(draws, _TOP).reshape(part.shape)
        out[start : start + _CHUNK] = uniform < part * _STEP
    return binary


def _stream(image: npt.NDArray[np.uint8], length: int) -> bytes:
    digest = hashlib.shake_256(_SEED)
    digest.update(image.data)
    return digest.digest(length)
