"""Where images come from: bundled sets, IDX files; one Dataset type. No Qt."""
