import pyperf
r = pyperf.Runner(processes=2, values=2, warmups=1, min_time=0.001)
r.metadata['description'] = 'small suite'
r.bench_func('sort', sorted, list(range(100)))
r.timeit('join', "','.join(x)", setup="x=['a']*10", inner_loops=1)
r.timeit('dup', "a;a", setup="a=1", duplicate=4)
