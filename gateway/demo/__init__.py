"""The bundled demo: backends of a logistics and retail company, a page to play with, and what starts both beside the gateway."""
