"""Writes first drafts of documents of ours from other people's descriptions. Nothing that serves uses it."""
