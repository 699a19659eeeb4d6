window.BENCHMARK_DATA = {
  "lastUpdate": 1778487770072,
  "repoUrl": "https://github.com/py-pdf/pypdf",
  "entries": {
    "CPython Benchmark": [
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
          "id": "1305df628fc63ed70829902edf934ab186b112c7",
          "message": "Add Benchmark for Performance Testing",
          "timestamp": "2022-04-19T10:36:47Z",
          "url": "https://github.com/py-pdf/PyPDF2/pull/781/commits/1305df628fc63ed70829902edf934ab186b112c7"
        },
        "date": 1650371123811,
        "tool": "pytest",
        "benches": [
          {
            "name": "tests/bench.py::test_page_operations",
            "value": 0.9324214668863358,
            "unit": "iter/sec",
            "range": "stddev: 0.004305996984652197",
            "extra": "mean: 1.0724763806 sec\nrounds: 5"
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
          "id": "6899c7448ee6d3546b4e3afa60754bd595556ead",
          "message": "REL: 2.7.0",
          "timestamp": "2022-07-21T19:03:11+02:00",
          "tree_id": "bb3c8bba93828e4f5504757b157d15a35a18f295",
          "url": "https://github.com/py-pdf/PyPDF2/commit/6899c7448ee6d3546b4e3afa60754bd595556ead"
        },
        "date": 1658423128254,
        "tool": "pytest",
        "benches": [
          {
            "name": "tests/bench.py::test_page_operations",
            "value": 0.6644086089855754,
            "unit": "iter/sec",
            "range": "stddev: 0.8352411072064482",
            "extra": "mean: 1.5050978967999953 sec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_merge",
            "value": 4.173459058231012,
            "unit": "iter/sec",
            "range": "stddev: 0.0023414165503309018",
            "extra": "mean: 239.60939499999938 msec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_text_extraction",
            "value": 0.09085221938711806,
            "unit": "iter/sec",
            "range": "stddev: 0.08896515118510831",
            "extra": "mean: 11.006885761800003 sec\nrounds: 5"
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
          "id": "6899c7448ee6d3546b4e3afa60754bd595556ead",
          "message": "REL: 2.7.0",
          "timestamp": "2022-07-21T19:03:11+02:00",
          "tree_id": "bb3c8bba93828e4f5504757b157d15a35a18f295",
          "url": "https://github.com/py-pdf/PyPDF2/commit/6899c7448ee6d3546b4e3afa60754bd595556ead"
        },
        "date": 1658423228164,
        "tool": "pytest",
        "benches": [
          {
            "name": "tests/bench.py::test_page_operations",
            "value": 1.0622521746025002,
            "unit": "iter/sec",
            "range": "stddev: 0.007922873952649866",
            "extra": "mean: 941.3960487999987 msec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_merge",
            "value": 12.159882156449015,
            "unit": "iter/sec",
            "range": "stddev: 0.004214308642453213",
            "extra": "mean: 82.23763907692543 msec\nrounds: 13"
          },
          {
            "name": "tests/bench.py::test_text_extraction",
            "value": 0.27242552177198925,
            "unit": "iter/sec",
            "range": "stddev: 0.01275817258528066",
            "extra": "mean: 3.6707280341999877 sec\nrounds: 5"
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
          "id": "b285b1cb76fe49feb1cc52fbb6c3bdd9648a0960",
          "message": "MAINT: Use placeholder-based approach for logger_warning (#3746)",
          "timestamp": "2026-05-11T10:20:09+02:00",
          "tree_id": "aa8351529f1807b6d280b62fdc503aadd419c455",
          "url": "https://github.com/py-pdf/pypdf/commit/b285b1cb76fe49feb1cc52fbb6c3bdd9648a0960"
        },
        "date": 1778487764771,
        "tool": "pytest",
        "benches": [
          {
            "name": "tests/bench.py::test_page_operations",
            "value": 3.1778850360021456,
            "unit": "iter/sec",
            "range": "stddev: 0.004116412152895462",
            "extra": "mean: 314.67469359999996 msec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_merge",
            "value": 19.80262129504629,
            "unit": "iter/sec",
            "range": "stddev: 0.004432459616272441",
            "extra": "mean: 50.498365095238896 msec\nrounds: 21"
          },
          {
            "name": "tests/bench.py::test_text_extraction",
            "value": 0.29323538449650155,
            "unit": "iter/sec",
            "range": "stddev: 0.018546512615641123",
            "extra": "mean: 3.410229640999995 sec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_read_string_from_stream_performance",
            "value": 17.76143590599792,
            "unit": "iter/sec",
            "range": "stddev: 0.0026685854673874285",
            "extra": "mean: 56.301754277778095 msec\nrounds: 18"
          },
          {
            "name": "tests/bench.py::test_image_new_property_performance",
            "value": 0.08711687931820888,
            "unit": "iter/sec",
            "range": "stddev: 0.03430888716504404",
            "extra": "mean: 11.478831746799994 sec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_large_compressed_image_performance",
            "value": 1.6373580289014942,
            "unit": "iter/sec",
            "range": "stddev: 0.0025866806898566684",
            "extra": "mean: 610.7399740000062 msec\nrounds: 5"
          }
        ]
      }
    ],
    "PyPy 3.11 Benchmark": [
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
          "id": "bda80a4846a8646419a04cc253d81b73773d3cec",
          "message": "DEV: Add PyPy 3.11 to test matrix and benchmarks (#3574)",
          "timestamp": "2025-12-31T10:32:03+01:00",
          "tree_id": "ca53daed303669c400cc073de0076dd5192ffeef",
          "url": "https://github.com/py-pdf/pypdf/commit/bda80a4846a8646419a04cc253d81b73773d3cec"
        },
        "date": 1767173697390,
        "tool": "pytest",
        "benches": [
          {
            "name": "tests/bench.py::test_page_operations",
            "value": 13.754859894321283,
            "unit": "iter/sec",
            "range": "stddev: 0.015454101504143527",
            "extra": "mean: 72.70157658333194 msec\nrounds: 12"
          },
          {
            "name": "tests/bench.py::test_merge",
            "value": 18.828769281042227,
            "unit": "iter/sec",
            "range": "stddev: 0.00964237811712385",
            "extra": "mean: 53.11021581250408 msec\nrounds: 16"
          },
          {
            "name": "tests/bench.py::test_text_extraction",
            "value": 1.1444555121837692,
            "unit": "iter/sec",
            "range": "stddev: 0.024932260711360312",
            "extra": "mean: 873.7779576000037 msec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_read_string_from_stream_performance",
            "value": 0.5545168043640377,
            "unit": "iter/sec",
            "range": "stddev: 0.018835107594608717",
            "extra": "mean: 1.8033718583999927 sec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_image_new_property_performance",
            "value": 0.19100012792585058,
            "unit": "iter/sec",
            "range": "stddev: 0.12465303393554138",
            "extra": "mean: 5.235598587599986 sec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_large_compressed_image_performance",
            "value": 1.220517730263837,
            "unit": "iter/sec",
            "range": "stddev: 0.035736513520900744",
            "extra": "mean: 819.3244351999965 msec\nrounds: 5"
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
          "id": "4c646303947f8b170d0bffa10426683ba3cfde85",
          "message": "DEV: Remove unused `ord_` function (#3764)",
          "timestamp": "2026-05-10T15:01:53+02:00",
          "tree_id": "82c6c52014684e7cab7c365d7ecf0a0b33e36237",
          "url": "https://github.com/py-pdf/pypdf/commit/4c646303947f8b170d0bffa10426683ba3cfde85"
        },
        "date": 1778418310521,
        "tool": "pytest",
        "benches": [
          {
            "name": "tests/bench.py::test_page_operations",
            "value": 14.143308529346184,
            "unit": "iter/sec",
            "range": "stddev: 0.018161493898217054",
            "extra": "mean: 70.70481407692434 msec\nrounds: 13"
          },
          {
            "name": "tests/bench.py::test_merge",
            "value": 18.66473608591096,
            "unit": "iter/sec",
            "range": "stddev: 0.009241111167543307",
            "extra": "mean: 53.5769697142864 msec\nrounds: 14"
          },
          {
            "name": "tests/bench.py::test_text_extraction",
            "value": 1.1679942189406671,
            "unit": "iter/sec",
            "range": "stddev: 0.0025473394433008934",
            "extra": "mean: 856.1686211999984 msec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_read_string_from_stream_performance",
            "value": 0.5397245162821792,
            "unit": "iter/sec",
            "range": "stddev: 0.03471208268347488",
            "extra": "mean: 1.852797065599998 sec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_image_new_property_performance",
            "value": 0.18564734700844077,
            "unit": "iter/sec",
            "range": "stddev: 0.12841931881150254",
            "extra": "mean: 5.386556910799987 sec\nrounds: 5"
          },
          {
            "name": "tests/bench.py::test_large_compressed_image_performance",
            "value": 1.1681308330418898,
            "unit": "iter/sec",
            "range": "stddev: 0.03708691216101393",
            "extra": "mean: 856.0684914000035 msec\nrounds: 5"
          }
        ]
      }
    ]
  }
}