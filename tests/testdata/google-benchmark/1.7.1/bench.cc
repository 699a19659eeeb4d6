#include <benchmark/benchmark.h>
#include <vector>
#include <numeric>
static void BM_sum(benchmark::State& state) {
  std::vector<int> v(state.range(0), 1);
  for (auto _ : state) benchmark::DoNotOptimize(std::accumulate(v.begin(), v.end(), 0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * sizeof(int));
  state.counters["depth"] = 3;
  state.counters["rate"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_sum)->Arg(64)->Arg(1024);
static void BM_named(benchmark::State& state) { for (auto _ : state) { int x = state.range(0); benchmark::DoNotOptimize(x); } }
BENCHMARK(BM_named)->ArgNames({"size", ""})->Args({8, 2})->Threads(2)->UseRealTime()->Unit(benchmark::kMicrosecond);
static void BM_bad(benchmark::State& state) { state.SkipWithError("no such file"); for (auto _ : state) {} }
BENCHMARK(BM_bad);
template <class T> static void BM_templ(benchmark::State& state) { for (auto _ : state) { T x{}; benchmark::DoNotOptimize(x); } }
BENCHMARK_TEMPLATE(BM_templ, std::pair<int, int>)->Iterations(1000)->Unit(benchmark::kMillisecond)->Name("BM_templ<std::pair<int, int>>");
static void BM_cplx(benchmark::State& state) { for (auto _ : state) { for (int i=0;i<state.range(0);i++) benchmark::DoNotOptimize(i);} state.SetComplexityN(state.range(0)); }
BENCHMARK(BM_cplx)->RangeMultiplier(4)->Range(8, 128)->Complexity();
BENCHMARK_MAIN();
