"""What the user is doing: state, undo, session, looks at the newest weights. No widgets."""
