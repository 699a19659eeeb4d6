window.BENCHMARK_DATA = {
  "lastUpdate": 1744513713757,
  "repoUrl": "https://github.com/rlai-lab/ml-instrumentation",
  "entries": {
    "Python Benchmark with pytest-benchmark": [
      {
        "commit": {
          "author": {
            "name": "someone",
            "username": "someone"
          },
          "committer": {
            "name": "someone",
            "username": "someone"
          },
          "distinct": true,
          "id": "0c23edd46a1755cc70c99a1153e64ee3dca9f57e",
          "message": "ci: add initial tooling script",
          "timestamp": "2024-08-30T10:03:49-06:00",
          "tree_id": "f57234b160fc0a02a95d6dd63d171e03fc13d81d",
          "url": "https://github.com/andnp/ml-instrumentation-archived/commit/0c23edd46a1755cc70c99a1153e64ee3dca9f57e"
        },
        "date": 1725398755068,
        "tool": "pytest",
        "benches": [
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_write_path1[basic_collector]",
            "value": 147.83268446516956,
            "unit": "iter/sec",
            "range": "stddev: 0.0020886163795779695",
            "extra": "mean: 6.764403985612581 msec\nrounds: 139"
          },
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_write_path1[disk_collector]",
            "value": 98.26454549470019,
            "unit": "iter/sec",
            "range": "stddev: 0.0018986335864449437",
            "extra": "mean: 10.17661044444493 msec\nrounds: 63"
          },
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_read1[basic_collector]",
            "value": 435.2041153743879,
            "unit": "iter/sec",
            "range": "stddev: 0.0011753717758067983",
            "extra": "mean: 2.2977723892609374 msec\nrounds: 447"
          },
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_read1[disk_collector]",
            "value": 428.4347293752265,
            "unit": "iter/sec",
            "range": "stddev: 0.001247918561975883",
            "extra": "mean: 2.3340778219783207 msec\nrounds: 455"
          }
        ]
      },
      {
        "commit": {
          "author": {
            "name": "someone",
            "username": "someone"
          },
          "committer": {
            "name": "someone",
            "username": "someone"
          },
          "distinct": true,
          "id": "338baf3dafc85eb8076523d8eacb6a8da9c34b6f",
          "message": "Merge pull request #3 from andnp/dependabot/pip/deps-e5bd3890c3",
          "timestamp": "2024-09-09T09:07:49-06:00",
          "tree_id": "8687d34dc9726d91f692c08a19ecda4ba998722b",
          "url": "https://github.com/andnp/ml-instrumentation/commit/338baf3dafc85eb8076523d8eacb6a8da9c34b6f"
        },
        "date": 1725894498255,
        "tool": "pytest",
        "benches": [
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_write_path1[basic_collector]",
            "value": 153.69669982753177,
            "unit": "iter/sec",
            "range": "stddev: 0.0019630607151080747",
            "extra": "mean: 6.506320572413941 msec\nrounds: 145"
          },
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_write_path1[disk_collector]",
            "value": 112.54349825388064,
            "unit": "iter/sec",
            "range": "stddev: 0.0021731179450522136",
            "extra": "mean: 8.885453318184187 msec\nrounds: 66"
          },
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_read1[basic_collector]",
            "value": 448.7505967523076,
            "unit": "iter/sec",
            "range": "stddev: 0.0009873535471919097",
            "extra": "mean: 2.2284092929061 msec\nrounds: 437"
          },
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_read1[disk_collector]",
            "value": 449.68372474680797,
            "unit": "iter/sec",
            "range": "stddev: 0.0010061673999587765",
            "extra": "mean: 2.2237851738197656 msec\nrounds: 466"
          }
        ]
      },
      {
        "commit": {
          "author": {
            "name": "someone",
            "username": "someone"
          },
          "committer": {
            "name": "someone",
            "username": "someone"
          },
          "distinct": true,
          "id": "0119a855ed77ec6fbe446efc27ce102e31b88fa0",
          "message": "bump: version 0.4.5 → 0.5.0",
          "timestamp": "2025-04-13T03:08:10Z",
          "tree_id": "50fa4b7384fe424f99c31abea6084f17a4c7c0c7",
          "url": "https://github.com/rlai-lab/ml-instrumentation/commit/0119a855ed77ec6fbe446efc27ce102e31b88fa0"
        },
        "date": 1744513713481,
        "tool": "pytest",
        "benches": [
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_write_path1[basic_collector]",
            "value": 175.7141107549157,
            "unit": "iter/sec",
            "range": "stddev: 0.002093332255048992",
            "extra": "mean: 5.69106257718135 msec\nrounds: 149"
          },
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_write_path1[disk_collector]",
            "value": 87.53822120418991,
            "unit": "iter/sec",
            "range": "stddev: 0.0036906714453889098",
            "extra": "mean: 11.423581450980366 msec\nrounds: 51"
          },
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_read1[basic_collector]",
            "value": 445.30815785977364,
            "unit": "iter/sec",
            "range": "stddev: 0.0019776597050698594",
            "extra": "mean: 2.245635931769517 msec\nrounds: 469"
          },
          {
            "name": "tests/performance/test_Collector.py::test_benchmark_read1[disk_collector]",
            "value": 439.14811788535184,
            "unit": "iter/sec",
            "range": "stddev: 0.0020591453427272195",
            "extra": "mean: 2.277136026029991 msec\nrounds: 461"
          }
        ]
      }
    ]
  }
}