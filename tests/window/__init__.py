"""The whole app in its real window, driven by real events."""
