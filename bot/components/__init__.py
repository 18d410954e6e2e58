"""Rasa components of this project: one component, one file, one class."""
