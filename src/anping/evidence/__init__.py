"""Evidence: signed statements, the log, checkpoints, witnesses, dossiers and their verification."""
