"""Event logs of other desks: read, count, import, replay (docs/imports.md)."""
