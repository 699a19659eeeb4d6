"""`regress accept`: bounded and expiring."""

import tomllib
from datetime import date, timedelta

import pytest

LINE = "accept '*test_sort' --up-to 12% --reason 'half the memory'"


@pytest.mark.parametrize("option", ["--until", "--expires"])
def test_an_entry_has_a_limit_and_a_last_day(ingested, regress, option):
    today = date.today() + timedelta(days=1)
    done = regress(f"{LINE} {option} {today.isoformat()}")
    assert done.status == 0
    assert done.out.startswith(f"accepted: *test_sort, up to +12%, until {today.isoformat()}; commit ")
    (entry,) = tomllib.loads((ingested.root / "regress-accepted.toml").read_text(encoding="utf-8"))["accepted"]
    assert (entry["benchmark"], entry["up_to"], entry["expires"]) == ("*test_sort", "+12%", today)
    assert entry["reason"] == "half the memory"


@pytest.mark.parametrize(
    ("day", "says"), [("2020-01-31", "--until 2020-01-31 is over"), ("tomorrow", "--until 'tomorrow' is not a date")]
)
def test_a_last_day_that_cannot_be_one(ingested, regress, day, says):
    done = regress(f"{LINE} --until {day}")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert says in done.err
    assert not (ingested.root / "regress-accepted.toml").exists()
