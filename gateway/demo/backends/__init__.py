"""The company's seven systems as real HTTP servers, in a process of their own, each with a switch that breaks it."""
