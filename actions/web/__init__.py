"""Pages and APIs on FastAPI: the only part that knows HTTP. May import everything of `actions` and `knowledge`."""
