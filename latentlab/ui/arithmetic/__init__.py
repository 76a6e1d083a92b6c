"""Label arithmetic: the mean of one class less that of another, added to z."""
