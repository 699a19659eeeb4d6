"""What a container allows, out of control groups laid out as the kernel lays them out."""

from pathlib import Path

import psutil
import pytest

from regress.suites.watch import allowance

V2 = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = (
    "31 23 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "32 23 0:29 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
)


def lay(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_without_limits_it_is_the_machine(tmp_path):
    found = allowance(root=tmp_path)
    assert found.memory == psutil.virtual_memory().total
    assert found.memory_from == "the machine"
    assert 0 < found.cores <= psutil.cpu_count()
    assert 0 < found.memory_used() < 1


def test_the_tightest_of_all_levels_holds_in_version_2(tmp_path):
    lay(tmp_path, {
        "proc/self/cgroup": "0::/a/b\n",
        "proc/self/mountinfo": V2,
        "sys/fs/cgroup/a/cpu.max": "30000 100000\n",
        "sys/fs/cgroup/a/memory.max": "1000000\n",
        "sys/fs/cgroup/a/memory.current": "600000\n",
        "sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 100000\n",
        "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
        "sys/fs/cgroup/a/b/memory.max": "max\n",
    })  # fmt: skip
    found = allowance(root=tmp_path)
    assert found.cores == pytest.approx(0.3)
    assert found.cores_from == "the control group /sys/fs/cgroup/a"
    assert found.memory == 1000000
    assert found.memory_from == "the control group /sys/fs/cgroup/a"
    assert found.memory_used() == pytest.approx(0.5)


def test_version_1_and_a_path_of_outside(tmp_path):
    lay(tmp_path, {
        "proc/self/cgroup": "4:memory:/docker/abc/inner\n3:cpu,cpuacct:/docker/abc\n0::/\n",
        "proc/self/mountinfo": V1,
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/memory/inner/memory.limit_in_bytes": "2000000\n",
        "sys/fs/cgroup/memory/inner/memory.usage_in_bytes": "500000\n",
        "sys/fs/cgroup/memory/inner/memory.stat": "total_inactive_file 0\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    })  # fmt: skip
    found = allowance(root=tmp_path)
    assert found.cores == pytest.approx(0.5)
    assert found.memory == 2000000
    assert found.memory_used() == pytest.approx(0.25)


@pytest.mark.parametrize("text", ["", "max", "-1", "0 0", "nonsense here", "1 2 3"])
def test_a_limit_that_is_none_limits_nothing(tmp_path, text):
    lay(tmp_path, {
        "proc/self/cgroup": "0::/../..\n", "proc/self/mountinfo": V2 + "short\n",
        "sys/fs/cgroup/cpu.max": text, "sys/fs/cgroup/memory.max": text,
    })  # fmt: skip
    found = allowance(root=tmp_path)
    assert found.cores_from != "the control group /sys/fs/cgroup"
    assert found.memory_from == "the machine"


def test_the_real_one_of_this_machine():
    found = allowance(root=Path("/"))
    assert found.cores > 0
    assert 0 < found.memory_used() <= 1
