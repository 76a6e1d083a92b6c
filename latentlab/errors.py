"""The exception for input that cannot be used, and what to tell of any other."""

import errno
import traceback
from pathlib import Path

# How torch says it of a processor, of CUDA and of MPS, in a RuntimeError like any other. The last
# is oneDNN's, which gives no reason: what it has computed before it can always compute again, but
# for want of memory.
_MEMORY_GONE = (
    "can't allocate memory",
    "not enough memory",
    "out of memory",
    "bad_alloc",
    "could not create a",
)

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


class InputError(Exception):
    """Bad input, told to the user as it stands.

    The message is one sentence: the file or field, what is wrong with it, and what to do. What
    cannot be printed, as a file's name may hold, stands in it as "?".
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


class BusyError(InputError):
    """What was asked is not answered soon enough for who asks: it can be asked again."""


class ForeignModelError(InputError):
    """A model of another program's, of which must be said how it is to be read."""

    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(sentence)
        self.path = path


def printable(text: str) -> str:
    """With a "?" for each character that cannot be printed: a line break, half of a pair."""
    return "".join(c if c.isprintable() else "?" for c in text)


def memory_ran_out(error: BaseException) -> bool:
    """Whether this is for want of memory: no fault in the program, and to be told in a sentence."""
    if isinstance(error, RuntimeError):
        text = str(error).lower()
        return any(words in text for words in _MEMORY_GONE)
    return isinstance(error, MemoryError)


def told(error: BaseException, failed: str) -> tuple[str, str]:
    """A sentence for the user, and a report where the sentence does not say it all, or "".

    failed: what could not be done, such as "Training stopped". The error's notes are sentences that
    follow.
    """
    report = ""
    if isinstance(error, InputError):
        sentence = str(error)
    elif memory_ran_out(error):
        sentence = f"{failed} because memory ran out: close other programs, then try again."
    else:
        sentence = f"{failed} because of an unexpected error."
        report = "".join(traceback.format_exception(error))
    return " ".join([sentence, *getattr(error, "__notes__", [])]), report


def not_written(path: Path, error: OSError) -> str:
    """A sentence for the user: `path` could not be written, why, and what to do."""
    what = (
        "make room there, or choose another place"
        if error.errno in _FULL
        else "choose another place"
    )
    return f"{path} could not be written: {error.strerror or error}; {what}."
