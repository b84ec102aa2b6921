"""What there is to say about each code of a configuration problem, by family; `gateway/config/catalogue.py` reads it."""
