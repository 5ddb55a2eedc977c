"""Where objects lie: files in a folder, or any store that fsspec reaches."""
