"""What the dialogue engine calls: actions and the intake's one decider. May import `cases`, `knowledge`, the leaves.

The decider (`intake`) and the field rules (`fields`) are pure: Rasa's classes in `actions` only carry values in and
out.
"""
