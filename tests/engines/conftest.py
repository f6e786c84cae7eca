import pytest

from sim.run import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request):
    """Each hand trace runs on both engines."""
    return request.param
