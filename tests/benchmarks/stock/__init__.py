"""The same bot as anybody would begin it: `rasa init`'s pipeline and policies, rasa-sdk's own server, the same data."""
