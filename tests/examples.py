"""How many examples a property test tries: fewer in `make test`, more in `make stress`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_USUAL = 100  # Hypothesis's own default

# A busy machine is no failure: how long an example takes is not judged.
for _name, _count in {"quick": 40, "thorough": 200}.items():
    settings.register_profile(
        _name, max_examples=_count, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
    )


def examples(usual: int) -> int:
    """How many examples a costly property test tries under the current profile.

    Args:
        usual: how many it would try where others try 100.
    """
    return max(1, usual * settings().max_examples // _USUAL)
