"""How often a run is autosaved."""

EVERY_SECONDS = 30.0
# At the end of an epoch, too, but no more often than this: an epoch of few images takes a second.
LEAST_SECONDS = 10.0
