"""What the scripts and the tests share: invented tickets, a served process, an embedder without a model, figures."""
