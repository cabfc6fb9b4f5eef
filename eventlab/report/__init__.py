"""Tables, figures, pages and JSON documents."""
