"""States and features of events: read before the news, split by and regressed on."""
