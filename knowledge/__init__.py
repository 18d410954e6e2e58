"""A policy in, cited answers out: a library without HTTP, database or settings of its own.

It may import nothing of ours. Order of the modules, each importing only earlier ones::

    errors, text → guidance, wordings, openings, questions, romaji → policy, bindings → revision, citation → report
    policy, wordings → features, comparison → lexical, highlight, dense, encoder, classifier, abstainer
      → training, retriever, acts → reader → responses → changes → readers
      → builder, bundle → sources, tongue, conversation, likeness, cautions, templates
      → answer → lookup, replies, terminal → evaluation → plot → __main__

Serving loads numpy, FAISS and Sudachi; `training` alone needs torch and sentence-transformers.
"""
