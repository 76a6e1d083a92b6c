"""Downloading data sets by name, while the window goes on."""
