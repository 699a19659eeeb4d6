import google_benchmark as benchmark
from google_benchmark import Counter

@benchmark.register
def sum_small(state):
    while state:
        sum(range(100))

@benchmark.register(name="sorted")
@benchmark.option.arg_names(["size", "kind"])
@benchmark.option.args([100, 1])
@benchmark.option.args([1000, 2])
@benchmark.option.unit(benchmark.kMicrosecond)
def sort_it(state):
    data = list(range(state.range(0), 0, -1))
    while state:
        sorted(data)
    state.items_processed = state.iterations * state.range(0)
    state.bytes_processed = state.iterations * state.range(0) * 8
    state.counters["depth"] = 3
    state.counters["calls"] = Counter(state.iterations, Counter.kIsRate)

@benchmark.register
@benchmark.option.use_real_time()
@benchmark.option.iterations(50)
def fixed(state):
    while state:
        sum(range(100))

@benchmark.register
def broken(state):
    state.skip_with_error("no such file")
    while state:
        pass

if __name__ == "__main__":
    benchmark.main()
