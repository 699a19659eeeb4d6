"""The counter of a tree: it never falls, and what is reaped is neither lost nor counted twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from regress.suites.watch.account import Account


def test_what_was_used_before_counts_only_of_what_was_started_for_the_watch():
    assert Account().update({"a": (2.0, 1.0)}, from_zero=True) == 3.0
    assert Account().update({"a": (2.0, 1.0)}, from_zero=False) == 0.0


def test_a_child_that_came_and_went_between_two_looks_is_in_what_its_parent_inherited():
    account = Account()
    account.update({"parent": (1.0, 0.0)})
    assert account.update({"parent": (1.0, 4.0)}) == 5.0


def test_a_child_that_was_seen_is_not_counted_again_when_it_is_reaped():
    account = Account()
    account.update({"parent": (1.0, 0.0), "child": (3.0, 0.0)})
    assert account.update({"parent": (1.0, 3.5)}) == 4.5


def test_an_orphan_that_ends_takes_nothing_off_what_others_inherit():
    account = Account()
    account.update({"parent": (1.0, 0.0), "orphan": (3.0, 0.0)})
    assert account.update({"parent": (1.0, 2.0)}, orphans={"orphan"}) == 6.0


steps = st.lists(
    st.tuples(st.sampled_from(["work", "fork", "reap", "look"]), st.integers(0, 3), st.integers(0, 9)), max_size=60
)


@settings(deadline=None)
@given(steps)
def test_whatever_a_tree_does_the_account_is_exact_where_parents_reap(history):
    """A parent with children that work, are born, and are reaped; looks at any time."""
    parent, inherited, children, used = 0, 0, {}, 0
    account: Account[str] = Account()
    born = 0
    for what, which, amount in [*history, ("look", 0, 0)]:
        names = sorted(children)
        if what == "work":
            used += amount
            if names and which:
                children[names[which % len(names)]] += amount
            else:
                parent += amount
        elif what == "fork":
            born += 1
            children[f"c{born}"] = 0
        elif what == "reap" and names:
            inherited += children.pop(names[which % len(names)])
        elif what == "look":
            members = {"p": (float(parent), float(inherited))} | {n: (float(u), 0.0) for n, u in children.items()}
            assert account.update(members) == used
