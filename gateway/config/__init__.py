"""YAML files to problems and frozen models. Knows nothing of serving; `load` is the way in."""
