"""Where the arithmetic of training is done, and in which precision."""

from functools import cache

import torch

from latentlab.training.messages import DeviceName, Precision


def usable(name: DeviceName) -> torch.device:
    """The device, tried with a small sum. Raises RuntimeError, or AssertionError, where it fails.

    A build of torch without a device raises either.
    """
    device = torch.device(name)
    if torch.ones(2, device=device).sum().item() != 2:
        raise RuntimeError(f"{name} computes wrong sums")
    return device


def reason(error: Exception) -> str:
    """Why a device cannot be used, or has failed, to be put in brackets: the error's first line."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


@cache
def devices() -> tuple[DeviceName, ...]:
    """Where this torch, on this machine, could train; the processor first."""
    there: dict[DeviceName, bool] = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    return tuple(name for name, is_there in there.items() if is_there)


def computes_in_bfloat16(precision: Precision, device: torch.device) -> bool:
    """Whether network layers run in bfloat16: as asked, or "auto" where that is native."""
    if precision == "auto":
        native = {"cpu": native_bfloat16, "cuda": cuda_bfloat16}.get(device.type)
        return native is not None and native()
    return precision == "bfloat16"


@cache
def native_bfloat16() -> bool:
    """Whether this processor multiplies matrices of bfloat16 itself; elsewhere it is slower."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


@cache
def cuda_bfloat16() -> bool:
    """Likewise of the graphics card."""
    return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
