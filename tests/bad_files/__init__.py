"""The museum: files that must be refused with one clear sentence."""
