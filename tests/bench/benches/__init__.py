"""One benchmark a file: a docstring that says what is measured, and `run(Options) -> Result`."""
