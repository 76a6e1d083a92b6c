"""Where images come from: bundled sets, IDX, pictures, arrays, text; one Dataset type. No Qt."""
