"""Where images come from: bundled sets, IDX files, pictures, arrays, text; one Dataset type. No Qt."""
