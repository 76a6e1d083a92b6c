"""Commands that need no window. No Qt."""
