"""A monkey at the real window: see `python -m tests.window.monkey --help`."""
