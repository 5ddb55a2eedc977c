"""Where keys lie: files in a folder, the system's keyring, or a PKCS#11 token."""
