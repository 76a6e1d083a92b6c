"""Many points at once: chosen on the plane, seen in a sheet, written to files."""
