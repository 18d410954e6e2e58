"""Everything the assistant does: answers, requests, pages. Imports flow web → dialogue → cases → knowledge.

`settings`, `errors`, `logs`, `texts` and `hours` are leaves that all of them use. Only `settings` reads the
environment.
"""
