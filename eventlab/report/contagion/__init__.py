"""The contagion of an event as JSON, on the terminal and on a page."""
