"""Running a model: serving its answers, and watching whether they stay good."""
