// Any two commits compared: the levels of every series, as `regress/site/compare.py` writes them, and the commits of
// all axes in one order. It knows nothing of the page.
(() => {
  "use strict";
  const OWN = 4, CONFIRMED = 1;
  let told = null;
  window.regress.steps = what => { told = what; };

  const summed = (text, size) => window.regress.column([0, 1, text], size);
  // A column whose numbers stand for themselves.
  const plain = (text, size) => {
    const sums = summed(text, size);
    for (let i = size - 1; i > 0; i--) sums[i] -= sums[i - 1];
    return sums;
  };

  // The commits of all axes: by number in the order of the history, each {number, sha, minute, tags, subject, url}.
  async function history() {
    if (!told) throw new Error("no levels");
    const all = new Array(told.commits);
    const files = await Promise.all(told.axes.map(async ([, , file]) => {
      const axis = await window.regress.load(file);
      return [axis, await window.regress.load(axis.commits)];
    }));
    // In the order of the build, whichever file came first.
    const axes = told.axes.map(([label, section, , text], i) => {
      const [axis, commits] = files[i];
      const order = summed(text, axis.n), minutes = window.regress.times(axis);
      order.forEach((number, place) => {
        const sha = commits.sha[place], url = sha && commits.url.replace("{commit}", () => encodeURIComponent(sha));
        all[number] ||= { number, sha, minute: minutes[place], tags: [], subject: commits.subject[place], url };
      });
      for (const [place, tag] of axis.tags) {
        const tags = all[order[place]].tags;
        if (!tags.includes(tag)) tags.push(tag);
      }
      return { label, section, order };
    });
    return { all, axes, ...series(axes) };
  }

  // Series in the order of the build, each with its strands: the same benchmark on one machine each. A strand's levels
  // are those from `start` to `stop` of the columns `levels`.
  function series(axes) {
    const n = told.strands, size = told.levels;
    const [b, v, m, a] = ["b", "v", "m", "a"].map(name => summed(told[name], n));
    const w = summed(told.w, n);
    const [noise, scale, count] = ["noise", "scale", "count"].map(name => plain(told[name], n));
    const [gap, length, begins] = ["gap", "length", "begins"].map(name => plain(told[name], size));
    const q = summed(told.level, size), first = new Float64Array(size), last = new Float64Array(size);
    const failed = new Map(told.failed.map(([strand, text]) => [strand, places(text)]));
    const found = [];
    let at = 0, made = null;
    for (let i = 0; i < n; i++) {
      const start = at, stop = at + count[i];
      for (let end = 0; at < stop; at++) {
        first[at] = end + gap[at];
        end = last[at] = first[at] + length[at];
      }
      const strand = { start, stop, failed: failed.get(i), machine: told.machines[w[i]] };
      if (made && b[i] === made.b && v[i] === made.v && m[i] === made.m && a[i] === made.a) {
        made.strands.push(strand);
        continue;
      }
      const [name, group, file] = told.benchmarks[b[i]], [metric, unit, kind, worse, more, less] = told.metrics[m[i]];
      made = {
        b: b[i], v: v[i], m: m[i], a: a[i], axis: axes[a[i]],
        name, file, group: told.groups[group], variant: told.variants[v[i]],
        metric, unit, exact: kind === "exact", worse, more, less, noise: noise[i] / 1e4, step: told.scales[scale[i]],
        strands: [strand], text: "",
      };
      found.push(made);
    }
    return { series: found, levels: { first, last, q, begins } };
  }

  function places(text) {
    const found = summed(text, text.length);
    return new Set(found.filter(place => !Number.isNaN(place)));
  }

  // The last place of an axis at or before a commit; half a place later where the commit itself was not measured there.
  function place(axis, number) {
    let low = 0, high = axis.order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (axis.order[middle] <= number) low = middle + 1; else high = middle;
    }
    return low && axis.order[low - 1] === number ? low - 1 : low - 0.5;
  }

  // Which level holds at a place, -1 where none does.
  function level({ first, last }, strand, at) {
    if (strand.failed && strand.failed.has(at)) return -1;
    for (let i = strand.start; i < strand.stop; i++) if (first[i] <= at && at <= last[i]) return i;
    return -1;
  }

  // All series at two commits: rows with both levels, and how many were left out, by the reason.
  function compare(known, base, next) {
    const from = known.axes.map(axis => place(axis, base)), to = known.axes.map(axis => place(axis, next));
    const rows = [], left = { unmeasured: 0, own: 0, machine: 0 };
    for (const each of known.series) {
      let seen = 0, both = null;
      for (const strand of each.strands) {
        const i = level(known.levels, strand, from[each.a]), j = level(known.levels, strand, to[each.a]);
        seen |= (i >= 0 ? 1 : 0) | (j >= 0 ? 2 : 0);
        if (i >= 0 && j >= 0) both = [strand, i, j];
      }
      if (!both) left[seen === 3 ? "machine" : "unmeasured"]++;
      else {
        const row = rowOf(known.levels, each, ...both);
        if (row) rows.push(row); else left.own++;
      }
    }
    return { rows, left };
  }

  // One series at two of its levels; null where the benchmark itself was edited between them.
  function rowOf({ q, begins }, series, strand, i, j) {
    let between = 0;
    for (let k = Math.min(i, j) + 1; k <= Math.max(i, j); k++) between |= begins[k];
    if (between & OWN) return null;
    const value = at => series.step ? q[at] * series.step : Math.pow(1.001, q[at]);
    const was = value(i), is = value(j), same = q[i] === q[j];
    const log = same ? 0 : was > 0 && is > 0 ? Math.log(is / was) : NaN;
    const size = same ? 0 : Number.isNaN(log) ? Infinity : Math.abs(log);
    const change = same ? 0 : was ? (is - was) / Math.abs(was) : Math.sign(is) * Infinity;
    const sigma = series.exact ? 0 : series.noise;
    return {
      series, was, is, change, log, machine: series.strands.length > 1 ? strand.machine : "",
      // Without a noise there are no units of it: such a change is never hidden, and one per cent counts as one.
      sigmas: same ? 0 : sigma ? size / sigma : Infinity, order: size / (sigma || 0.01),
      suspected: !same && !(between & CONFIRMED), worse: same ? 0 : series.worse * Math.sign(change),
      word: same ? "no change" : change > 0 ? series.more : series.less,
    };
  }

  window.regress.comparison = { history, compare };
})();
