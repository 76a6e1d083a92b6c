"""Benchmarks of the whole app: `python -m tests.bench NAME --json FILE`.

Each is one file in `benches/`, named as on the command line: its docstring says what is measured,
and `run(options)` measures it.
"""
