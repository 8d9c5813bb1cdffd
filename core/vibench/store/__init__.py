"""The store: artefacts, ledgers, leases, columns, and tables of records in a folder."""
