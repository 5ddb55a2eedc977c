"""The workspace: a catalogue, an object store and a ledger; it performs steps and keeps evidence."""
