import time, pytest, itertools
N = itertools.count()
def test_quick(): pass
def test_slow(): time.sleep(.012)
@pytest.mark.parametrize("x", ["a", "b::[c]"])
def test_many(x): time.sleep(.002)
class TestThing:
    def test_in_class(self): time.sleep(.003)
    class TestInner:
        def test_deep(self): pass
def test_fails(): assert 1 == 2, "not equal"
@pytest.mark.skip(reason="not today")
def test_skipped(): pass
@pytest.mark.xfail
def test_xfail(): assert 0
@pytest.fixture
def broken(): raise RuntimeError("no fixture")
def test_error(broken): pass
@pytest.fixture
def late():
    yield
    raise RuntimeError("teardown")
def test_late(late): pass
def test_late_fail(late): assert 0
@pytest.mark.flaky(reruns=2)
def test_flaky():
    time.sleep(.002)
    assert next(N)
