"""The Learn workspace: a course in pages, each with live figures."""
