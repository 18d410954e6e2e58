"""What can go wrong in `knowledge`: one tree, no HTTP status (the web maps them).

"Nothing found" is not here: that is an answer (`Status.NOT_COVERED`), not an error.
"""


class KnowledgeError(Exception):
    """Root of every expected failure in this package; its text is fit for an operator."""


class PolicyFormatError(KnowledgeError):
    """A policy, lead or shop file cannot be read as what it should be."""


class UnknownVersionError(KnowledgeError):
    """No version of the policy goes by this name."""


class WordingFormatError(KnowledgeError):
    """A line of a wordings file is malformed or names a clause that does not exist."""


class BundleMissingError(KnowledgeError):
    """No bundle was built yet."""


class BundleMismatchError(KnowledgeError):
    """The bundle on disk does not fit: other format, damaged, or made from another policy."""


class EncoderUnavailableError(KnowledgeError):
    """The configured sentence encoder cannot be loaded."""


class QuoteError(KnowledgeError):
    """A quote is not an exact substring of the clause it claims to quote."""
