"""Quality of the answers on judged queries, measured through the service."""
