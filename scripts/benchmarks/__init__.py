"""What python -m scripts.bench measures: one benchmark a module, each with ``NEEDS`` and ``run(data, options)``.

``NEEDS`` names the files of the data folder without which it is skipped. ``run`` returns ``rows`` (a table),
``targets`` (what the figures are held to) and ``notes``, all of plain values, ready for JSON.
"""
