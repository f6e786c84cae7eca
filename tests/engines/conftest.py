import pytest

pytest.register_assert_rewrite("tests.engines.trace")

from sim.run import ENGINES  # noqa: E402


@pytest.fixture(params=ENGINES)
def engine(request):
    """Each hand trace runs on both engines."""
    return request.param
