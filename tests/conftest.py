"""For all tests: how hypothesis works."""

from __future__ import annotations

from hypothesis import settings

# Its deadline of 200 ms would be an assertion about time, which a busy machine fails.
settings.register_profile("madoguchi", deadline=None)
settings.load_profile("madoguchi")
