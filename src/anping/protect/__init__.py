"""De-identification by a plan: ``propose`` one, ``read_plan`` an edited one, ``protect`` a table."""
