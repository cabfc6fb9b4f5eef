"""Claims in words, tables, pictures and JSON."""
