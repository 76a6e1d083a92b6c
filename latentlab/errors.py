"""The one exception for input that cannot be used."""


class InputError(Exception):
    """Bad input, told to the user as it stands.

    The message is one sentence: the file or field, what is wrong with it, and what to do.
    """
