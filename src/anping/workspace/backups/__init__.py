"""What a backup is made of: members in order, rows as JSON lines, keys sealed by a passphrase."""
