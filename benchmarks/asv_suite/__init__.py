"""The project's hot paths under asv: parse, ingest, store, compare, pages, start-up. See asv.conf.json."""
