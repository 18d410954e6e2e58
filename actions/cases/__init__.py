"""Requests and complaints: what they are, how they are kept (encrypted), and who may see them.

May import `knowledge` and the leaves of `actions`; knows nothing of HTTP or of Rasa's events.
"""
