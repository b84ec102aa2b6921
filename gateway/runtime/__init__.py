"""The interpreter of a plan: steps, ladder, deadline budget, answers. The plan is data (`plan.py`); nothing here reads configuration."""
