"""What Rasa loads: conversation data and components. It decides the dialogue's next step and keeps no text.

Runs in its own environment (`.venv-rasa`): may import Rasa, SudachiPy, `knowledge.text` and `knowledge.wordings`,
nothing of `actions`. The two sides share names only: the domain's actions are the ones `actions.dialogue` registers
(held by a test).
"""
