"""How good are the answers: measured on judged queries, through the service itself."""
