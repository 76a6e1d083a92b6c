"""The list of branches: names to change, runs to go back to, runs to compare."""
