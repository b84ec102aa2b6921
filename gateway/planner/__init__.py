"""From models to a plan: references, DAG, access, chains. All that can be wrong is found here, before the port opens."""
