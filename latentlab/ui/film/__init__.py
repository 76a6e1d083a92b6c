"""The history of a run as a film: a GIF or an MP4."""
