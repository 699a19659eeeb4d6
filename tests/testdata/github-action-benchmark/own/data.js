window.BENCHMARK_DATA = {
  "lastUpdate": 1774933028658,
  "entries": {
    "Rust Benchmark": [
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
          "id": "671f28ac34ee84c5ee267b3adc52fd13de15c0a3",
          "message": "Merge pull request #20 from rhysd/dependabot/npm_and_yarn/acorn-7.1.1",
          "timestamp": "2020-03-17T21:58:35+09:00",
          "tree_id": "7bcf7874a28d961d4cfb1a76dd92cb5668bf4d8a",
          "url": "https://github.com/rhysd/github-action-benchmark/commit/671f28ac34ee84c5ee267b3adc52fd13de15c0a3"
        },
        "date": 1584449962761,
        "tool": "cargo",
        "benches": [
          {
            "name": "bench_fib_10",
            "value": 215,
            "range": "+/- 12",
            "unit": "ns/iter"
          },
          {
            "name": "bench_fib_20",
            "value": 29338,
            "range": "+/- 708",
            "unit": "ns/iter"
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774932887397,
        "tool": "cargo",
        "benches": [
          {
            "name": "bench_fib_10",
            "value": 159.63,
            "range": "± 3.44",
            "unit": "ns/iter"
          },
          {
            "name": "bench_fib_20",
            "value": 20114.96,
            "range": "± 215.43",
            "unit": "ns/iter"
          }
        ]
      }
    ],
    "Criterion.rs Benchmark": [
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774932981212,
        "tool": "cargo",
        "benches": [
          {
            "name": "BenchFib10",
            "value": 159,
            "range": "± 5",
            "unit": "ns/iter"
          },
          {
            "name": "BenchFib20",
            "value": 20195,
            "range": "± 2950",
            "unit": "ns/iter"
          },
          {
            "name": "Fibonacci/Recursive/20",
            "value": 20133,
            "range": "± 102",
            "unit": "ns/iter"
          },
          {
            "name": "Fibonacci/Iterative/20",
            "value": 3,
            "range": "± 0",
            "unit": "ns/iter"
          },
          {
            "name": "Fibonacci/Recursive/21",
            "value": 32569,
            "range": "± 325",
            "unit": "ns/iter"
          },
          {
            "name": "Fibonacci/Iterative/21",
            "value": 3,
            "range": "± 0",
            "unit": "ns/iter"
          }
        ]
      }
    ],
    "Go Benchmark": [
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
          "id": "be395fa45085f9d6d7723f39ef4ea4a1e7d2c71b",
          "message": "Merge branch 'pytest-support-and-extra-data'",
          "timestamp": "2019-11-17T14:11:08+09:00",
          "tree_id": "445685b855eb924cfabb2480b04918aee14352f5",
          "url": "https://github.com/rhysd/github-action-benchmark/commit/be395fa45085f9d6d7723f39ef4ea4a1e7d2c71b"
        },
        "date": 1573967530650,
        "tool": "go",
        "benches": [
          {
            "name": "BenchmarkFib10",
            "value": 397,
            "unit": "ns/op"
          },
          {
            "name": "BenchmarkFib20",
            "value": 48773,
            "unit": "ns/op"
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
          "id": "3dc9c9ff90a6ad2ea89ea4f254918eb837ab0221",
          "message": "Fixed getCommitFromGitHubAPIRequest to refer to GITHUB_API_URL (#171)",
          "timestamp": "2023-05-18T00:58:57-07:00",
          "tree_id": "134d744add0eb00be96283ffaea1b8a98a0bfc26",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/3dc9c9ff90a6ad2ea89ea4f254918eb837ab0221"
        },
        "date": 1684396765582,
        "tool": "go",
        "benches": [
          {
            "name": "BenchmarkFib10",
            "value": 389,
            "unit": "ns/op",
            "extra": "5000000 times\n2 procs"
          },
          {
            "name": "BenchmarkFib20",
            "value": 48121,
            "unit": "ns/op",
            "extra": "30000 times\n2 procs"
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
          "id": "0c70f157d50ac07c1a3ecf43d9044e4e16cd1276",
          "message": "feat: extract multiple metrics from golang benchmarks (#177)",
          "timestamp": "2023-07-07T12:49:05+02:00",
          "tree_id": "da453c4c605083a2ae099bd9c81e02c610e1b090",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/0c70f157d50ac07c1a3ecf43d9044e4e16cd1276"
        },
        "date": 1688726979069,
        "tool": "go",
        "benches": [
          {
            "name": "BenchmarkFib10",
            "value": 412.7,
            "unit": "ns/op",
            "extra": "2650246 times\n2 procs"
          },
          {
            "name": "BenchmarkFib20",
            "value": 51796,
            "unit": "ns/op",
            "extra": "23784 times\n2 procs"
          },
          {
            "name": "BenchmarkFib20WithAuxMetric",
            "value": 50318,
            "unit": "ns/op\t         4.000 auxMetricUnits",
            "extra": "23806 times\n2 procs"
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
          "id": "1c81dfd30c6e9315370479bc83399761946e2edc",
          "message": "fix: 224 action hangs in some cases for go fiber benchmarks (#225)",
          "timestamp": "2024-02-02T09:41:53+01:00",
          "tree_id": "d0d64d12d2351358c5df691a9f2006f90d0b2990",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/1c81dfd30c6e9315370479bc83399761946e2edc"
        },
        "date": 1706863368938,
        "tool": "go",
        "benches": [
          {
            "name": "BenchmarkFib10",
            "value": 310.6,
            "unit": "ns/op",
            "extra": "3863491 times\n4 procs"
          },
          {
            "name": "BenchmarkFib20",
            "value": 39618,
            "unit": "ns/op",
            "extra": "30404 times\n4 procs"
          },
          {
            "name": "BenchmarkFib20WithAuxMetric - ns/op",
            "value": 40350,
            "unit": "ns/op",
            "extra": "30421 times\n4 procs"
          },
          {
            "name": "BenchmarkFib20WithAuxMetric - auxMetricUnits",
            "value": 4,
            "unit": "auxMetricUnits",
            "extra": "30421 times\n4 procs"
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774932909156,
        "tool": "go",
        "benches": [
          {
            "name": "BenchmarkFib10",
            "value": 313.1,
            "unit": "ns/op",
            "extra": "3852480 times\n4 procs"
          },
          {
            "name": "BenchmarkFib20",
            "value": 39994,
            "unit": "ns/op",
            "extra": "30343 times\n4 procs"
          },
          {
            "name": "BenchmarkFib20WithAuxMetric",
            "value": 40052,
            "unit": "ns/op\t         4.000 auxMetricUnits",
            "extra": "30248 times\n4 procs"
          },
          {
            "name": "BenchmarkFib20WithAuxMetric - ns/op",
            "value": 40052,
            "unit": "ns/op",
            "extra": "30248 times\n4 procs"
          },
          {
            "name": "BenchmarkFib20WithAuxMetric - auxMetricUnits",
            "value": 4,
            "unit": "auxMetricUnits",
            "extra": "30248 times\n4 procs"
          }
        ]
      }
    ],
    "Benchmark.js Benchmark": [
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
          "id": "b840614fd88743f234aac0dc747a0a70616f450f",
          "message": "add benchmark.js example workflow",
          "timestamp": "2019-11-10T00:10:02+09:00",
          "tree_id": "6099d0c81edd50c38c15007ca5c08740b049c944",
          "url": "https://github.com/rhysd/github-action-benchmark/commit/b840614fd88743f234aac0dc747a0a70616f450f"
        },
        "date": 1573312252482,
        "tool": "benchmarkjs",
        "benches": [
          {
            "name": "fib(10)",
            "value": 1039768,
            "range": "0.42%",
            "unit": "ops/sec"
          },
          {
            "name": "fib(20)",
            "value": 8787,
            "range": "0.71%",
            "unit": "ops/sec"
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
          "id": "be395fa45085f9d6d7723f39ef4ea4a1e7d2c71b",
          "message": "Merge branch 'pytest-support-and-extra-data'",
          "timestamp": "2019-11-17T14:11:08+09:00",
          "tree_id": "445685b855eb924cfabb2480b04918aee14352f5",
          "url": "https://github.com/rhysd/github-action-benchmark/commit/be395fa45085f9d6d7723f39ef4ea4a1e7d2c71b"
        },
        "date": 1573967538417,
        "tool": "benchmarkjs",
        "benches": [
          {
            "name": "fib(10)",
            "value": 1030500,
            "range": "±0.59%",
            "unit": "ops/sec"
          },
          {
            "name": "fib(20)",
            "value": 8675,
            "range": "±0.61%",
            "unit": "ops/sec"
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774932863692,
        "tool": "benchmarkjs",
        "benches": [
          {
            "name": "fib(10)",
            "value": 1594568,
            "range": "±0.19%",
            "unit": "ops/sec",
            "extra": "94 samples"
          },
          {
            "name": "fib(20)",
            "value": 12979,
            "range": "±0.46%",
            "unit": "ops/sec",
            "extra": "98 samples"
          }
        ]
      }
    ],
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
          "id": "9de38ac81d5073636128dc9b3908d393dcefcf05",
          "message": "fix closing tag was wrong in default index.html",
          "timestamp": "2019-12-06T21:20:16+09:00",
          "tree_id": "369cd9d1fb41e7ab9269f848c22a7ecc81e549d3",
          "url": "https://github.com/rhysd/github-action-benchmark/commit/9de38ac81d5073636128dc9b3908d393dcefcf05"
        },
        "date": 1575634883022,
        "tool": "pytest",
        "benches": [
          {
            "name": "bench.py::test_fib_10",
            "value": 46166.46216687104,
            "unit": "iter/sec",
            "range": "stddev: 0.000017359138582697233",
            "extra": "mean: 0.000021660745767900707 sec\nrounds: 29941"
          },
          {
            "name": "bench.py::test_fib_20",
            "value": 379.8044840069853,
            "unit": "iter/sec",
            "range": "stddev: 0.00013273189363108067",
            "extra": "mean: 0.002632933633246963 sec\nrounds: 379"
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
          "id": "7e8372b9afe51c8853624707ad83a88e712c9cae",
          "message": "fix: include package name for duplicate bench names [#264] (#330)",
          "timestamp": "2026-02-05T13:48:11+01:00",
          "tree_id": "91becd1fb12f033525ed33bdc29034c9630576de",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/7e8372b9afe51c8853624707ad83a88e712c9cae"
        },
        "date": 1770295717389,
        "tool": "pytest",
        "benches": [
          {
            "name": "bench.py::test_fib_10",
            "value": 82775.41348332533,
            "unit": "iter/sec",
            "range": "stddev: 8.772469672574167e-7",
            "extra": "mean: 12.080881966254928 usec\nrounds: 37269"
          },
          {
            "name": "bench.py::test_fib_20",
            "value": 681.1363764686974,
            "unit": "iter/sec",
            "range": "stddev: 0.000012863809744161426",
            "extra": "mean: 1.4681347738090689 msec\nrounds: 672"
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774932868914,
        "tool": "pytest",
        "benches": [
          {
            "name": "bench.py::test_fib_10",
            "value": 76327.03241590009,
            "unit": "iter/sec",
            "range": "stddev: 0.0000012571315525798022",
            "extra": "mean: 13.101518143022743 usec\nrounds: 29984"
          },
          {
            "name": "bench.py::test_fib_20",
            "value": 604.5755406814991,
            "unit": "iter/sec",
            "range": "stddev: 0.000018037065721222928",
            "extra": "mean: 1.6540530218486251 msec\nrounds: 595"
          }
        ]
      }
    ],
    "C++ Benchmark": [
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774932858656,
        "tool": "googlecpp",
        "benches": [
          {
            "name": "fib_10",
            "value": 177.50045639073818,
            "unit": "ns/iter",
            "extra": "iterations: 3946180\ncpu: 177.4838215692138 ns\nthreads: 1"
          },
          {
            "name": "fib_20",
            "value": 23132.19766959291,
            "unit": "ns/iter",
            "extra": "iterations: 31325\ncpu: 23128.78295291301 ns\nthreads: 1"
          }
        ]
      }
    ],
    "Catch2 Benchmark": [
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
          "id": "3172d63464d3005406c7ce33d7360cb1affffc8d",
          "message": "Merge branch 'fix-deploy-checkout-v2'",
          "timestamp": "2020-01-20T12:42:36+09:00",
          "tree_id": "b24198c000115cb9f934c6935af07316a38d2be3",
          "url": "https://github.com/rhysd/github-action-benchmark/commit/3172d63464d3005406c7ce33d7360cb1affffc8d"
        },
        "date": 1579491847086,
        "tool": "catch2",
        "benches": [
          {
            "name": "Fibonacci 10",
            "value": 418,
            "range": "+/- 532",
            "unit": "ns",
            "extra": "100 samples"
          },
          {
            "name": "Fibonacci 20",
            "value": 21.703,
            "range": "+/- 4.387",
            "unit": "us",
            "extra": "100 samples"
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
          "id": "671f28ac34ee84c5ee267b3adc52fd13de15c0a3",
          "message": "Merge pull request #20 from rhysd/dependabot/npm_and_yarn/acorn-7.1.1",
          "timestamp": "2020-03-17T21:58:35+09:00",
          "tree_id": "7bcf7874a28d961d4cfb1a76dd92cb5668bf4d8a",
          "url": "https://github.com/rhysd/github-action-benchmark/commit/671f28ac34ee84c5ee267b3adc52fd13de15c0a3"
        },
        "date": 1584449963099,
        "tool": "catch2",
        "benches": [
          {
            "name": "Fibonacci 10",
            "value": 159,
            "range": "+/- 30",
            "unit": "ns",
            "extra": "100 samples\n214 iterations"
          },
          {
            "name": "Fibonacci 20",
            "value": 19.476,
            "range": "+/- 3.207",
            "unit": "us",
            "extra": "100 samples\n2 iterations"
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774932872659,
        "tool": "catch2",
        "benches": [
          {
            "name": "Fibonacci 10",
            "value": 84.3406,
            "range": "± 5.00339",
            "unit": "ns",
            "extra": "100 samples\n362 iterations"
          },
          {
            "name": "Fibonacci 20",
            "value": 7.6369,
            "range": "± 373.112",
            "unit": "us",
            "extra": "100 samples\n4 iterations"
          }
        ]
      }
    ],
    "Julia benchmark result": [
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774933025113,
        "tool": "julia",
        "benches": [
          {
            "name": "fib/10",
            "value": 302.8493150684931,
            "unit": "ns",
            "extra": "gctime=0\nmemory=0\nallocs=0\nparams={\"gctrial\":true,\"time_tolerance\":0.05,\"evals_set\":false,\"samples\":10000,\"evals\":219,\"gcsample\":false,\"seconds\":5,\"overhead\":0,\"memory_tolerance\":0.01}"
          },
          {
            "name": "fib/20",
            "value": 44994,
            "unit": "ns",
            "extra": "gctime=0\nmemory=0\nallocs=0\nparams={\"gctrial\":true,\"time_tolerance\":0.05,\"evals_set\":false,\"samples\":10000,\"evals\":1,\"gcsample\":false,\"seconds\":5,\"overhead\":0,\"memory_tolerance\":0.01}"
          }
        ]
      }
    ],
    "Benchmark.Net Benchmark": [
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774932958342,
        "tool": "benchmarkdotnet",
        "benches": [
          {
            "name": "Sample.Benchmarks.Fib10",
            "value": 22.165519416332245,
            "unit": "ns",
            "range": "± 0.053248905155396604"
          },
          {
            "name": "Sample.Benchmarks.Fib20",
            "value": 43.70282246669134,
            "unit": "ns",
            "range": "± 0.06458311214324038"
          }
        ]
      }
    ],
    "JMH Benchmark": [
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774932906797,
        "tool": "jmh",
        "benches": [
          {
            "name": "org.openjdk.jmh.samples.JMHSample_01_HelloWorld.wellHelloThere",
            "value": 1820491309.1347592,
            "unit": "ops/s",
            "extra": "iterations: 3\nforks: 1\nthreads: 1"
          }
        ]
      }
    ],
    "Catch2 Benchmark (v3)": [
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
          "id": "c38cce98215cf75e178ecd5a0c1a1ab215e93006",
          "message": "release v1.22.0",
          "timestamp": "2026-03-31T06:53:51+02:00",
          "tree_id": "bcd62a1fb1374f67221a37001260ca831840ac40",
          "url": "https://github.com/benchmark-action/github-action-benchmark/commit/c38cce98215cf75e178ecd5a0c1a1ab215e93006"
        },
        "date": 1774932924202,
        "tool": "catch2",
        "benches": [
          {
            "name": "Fibonacci 10",
            "value": 106.374,
            "range": "± 38.4231",
            "unit": "ns",
            "extra": "100 samples\n377 iterations"
          },
          {
            "name": "Fibonacci 20",
            "value": 7.7965,
            "range": "± 352.558",
            "unit": "us",
            "extra": "100 samples\n4 iterations"
          }
        ]
      }
    ]
  },
  "repoUrl": "https://github.com/benchmark-action/github-action-benchmark"
}