// A parameter as the horizontal axis: what is drawn then. Part of the trend's second script, which answers who asks.
(() => {
  "use strict";
  const T = window.regress.trend;

  // Along a parameter: one line for each combination of the others, its values those of one commit or the newest.
  T.across = function across(panel, state, name, pinned) {
    const { data } = panel, at = data.params.indexOf(name), texts = data.values[at];
    const others = Object.entries(state.f).filter(([other]) => other !== name && data.params.includes(other));
    const groups = new Map();
    for (const line of panel.lines) {
      if (line.p[at] < 0 || !others.every(([other, value]) => data.values[data.params.indexOf(other)][line.p[data.params.indexOf(other)]] === value)) continue;
      const rest = line.p.filter((_, i) => i !== at), key = rest.join();
      const names = data.params.flatMap((param, i) => i === at || line.p[i] < 0 ? [] : [data.values[i][line.p[i]]]);
      if (!groups.has(key)) groups.set(key, { v: names.join(", "), members: [], i: groups.size });
      groups.get(key).members.push(line);
    }
    const lines = [...groups.values()].filter(group => group.members.length);
    return { at, texts, lines: lines.slice(0, T.MOST), fit: lines.length, pinned };
  };

  // The view of a parameter, when the values of its lines are there.
  T.spread = function spread(panel, state, name, { at, texts, lines, fit, pinned }) {
    const plain = texts.map(text => /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN);
    const numeric = plain.every(Number.isFinite) && new Set(plain).size === plain.length && plain.length > 1;
    const log = numeric && Math.min(...plain) > 0 && Math.max(...plain) / Math.min(...plain) > 20;
    const place = plain.map((value, i) => numeric ? log ? Math.log10(value) : value : i);
    const order = texts.map((_, i) => i).sort((a, b) => place[a] - place[b]);
    for (const group of lines) {
      group.values = new Float64Array(order.length).fill(NaN);
      for (const line of group.members) {
        let last = pinned >= 0 ? pinned : panel.axis.n - 1;
        while (last > 0 && !Number.isFinite(line.values[last])) last--;
        group.values[order.indexOf(line.p[at])] = line.values[last];
      }
      group.median = T.median(group.values);
    }
    const scale = T.vertical(state, lines, group => Math.max(group.values.findIndex(Number.isFinite), 0));
    const xs = order.map(i => place[i]);
    const ys = lines.map(group => Array.from(group.values, value => { const y = scale.to(group, value); return Number.isFinite(y) ? y : null; }));
    const room = ((xs[xs.length - 1] - xs[0]) || 2) * 0.03, range = [xs[0] - room, xs[xs.length - 1] + room];
    return {
      kind: "across", numeric, panel, name, lines, fit, xs, ys, range, ends: range, scale, pinned, zoomed: false, bands: false,
      labels: order.map(i => texts[i]), numbers: T.numbered(lines), failed: new Map(),
      stops: xs.map((_, i) => i).filter(i => ys.some(y => y[i] !== null)),
      yrange: T.bounds(ys.flat().filter(y => y !== null), scale),
    };
  };
})();
