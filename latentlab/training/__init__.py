"""The live run: trainer, engine, messages, curves. No Qt."""
