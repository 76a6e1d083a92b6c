"""What the figures of the lessons ask of the model: one file a page."""
