// What a trend shows, without drawing it: which lines, on which places, in which scale. Numbers in, numbers out.
// Part 1 of the trend's scripts; it adds to `regress.trend`, as classic scripts have no other way to know of each other.
(() => {
  "use strict";
  const R = window.regress;
  const MOST = 16, FAR_APART = 3, PADDING = 0.08, MOST_BANDS = 3;
  const median = values => {
    const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
    const half = sorted.length >> 1;
    return !sorted.length ? NaN : sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  };

  // The word for a change, as the pages say it.
  function word(change, { unit, direction }) {
    const up = change > 0;
    if (Math.abs(change) < 0.0005) return "no change";
    if (unit === "s" && direction === "lower" || unit === "1/s" && direction === "higher") return up === (unit === "s") ? "slower" : "faster";
    if (unit === "B") return up ? "larger" : "smaller";
    if (direction === "unknown") return up ? "higher" : "lower";
    return up === (direction === "lower") ? "worse" : "better";
  }

  // One metric in one environment. Everything of it that has to be loaded is there after `ready(lines)`.
  class Panel {
    constructor(data, page) {
      Object.assign(this, { data, page, axis: null, commits: null, unit: data.unit, lines: data.lines });
      this.file = page.axes[data.axis].file;
      data.lines.forEach((line, i) => { line.i = i; });
    }

    async ready(lines) {
      const packs = [...new Set(lines.map(line => line.at[0]))].filter(Boolean);
      const [axis, ...texts] = await Promise.all([this.file, ...packs.map(i => this.page.packs[i])].map(R.load));
      this.axis = axis;
      axis.minutes = axis.minutes || R.times(axis);
      const pack = new Map(packs.map((number, i) => [number, texts[i]]));
      for (const line of lines) if (!line.values) {
        const column = (line.at[0] ? pack.get(line.at[0]) : this.page.points)[line.at[1]];
        Object.assign(line, column[3]);
        line.values = R.column(column, axis.n);
        line.median = median(line.values);
        line.first = line.values.findIndex(Number.isFinite);
        this.word(line);
      }
    }

    // Puts into words what the file tells of a line by numbers.
    word(line) {
      const { data } = this;
      line.steps = (line.steps || []).map(([place, ratio, tone, weak, cause]) => {
        const change = ratio ?? Infinity, what = { bad: "Regression", good: "Improvement", warn: "Change" }[tone] || "Change";
        const words = `${what}${weak ? " (suspected)" : ""}: ${R.percent(change)} ${word(change, data)}`;
        return [place, change > 0 ? "▲" : "▼", tone, weak, cause, words, Math.abs(Math.log1p(Math.max(change, -0.999999)))];
      });
      line.failed = (line.failed || []).flatMap(([first, size, reason]) => Array.from({ length: size }, (_, i) => [first + i, data.reasons[reason] || ""]));
      line.cuts = (line.cuts || []).map(place => [place, "benchmark changed", "the benchmark's own source changed"]);
    }

    // Loads the commits' names, which only a pointer, a key or an address asks for.
    async known() { this.commits = this.commits || await R.load((this.axis || await R.load(this.file)).commits); }
    place(sha) { return sha && this.commits ? this.commits.sha.findIndex(each => each && (each.startsWith(sha) || sha.startsWith(each))) : -1; }
    date(place) { return R.date(this.axis.minutes[place]); }

    // The lines that the state asks for, worst first, and how many would fit it.
    chosen(state) {
      const { lines, data } = this;
      const facets = Object.entries(state.f).filter(([name]) => data.params.includes(name));
      let fit = null;
      if (state.s) fit = lines.filter(line => state.s.includes(line.v));
      else if (facets.length) fit = lines.filter(line => facets.every(([name, value]) => {
        const at = data.params.indexOf(name);
        return data.values[at][line.p[at]] === value;
      }));
      if (!fit || (!fit.length && !state.s)) fit = lines.filter(line => line.k);
      if (!fit.length && !state.s) fit = lines.slice(0, 8);
      return { lines: fit.slice(0, MOST), fit: fit.length };
    }
  }

  // Each line's number, which is its colour and its dashes: that of the static picture, or the next that is free after
  // the one that its place in the list suggests. It depends on what is shown alone, never on what loaded first.
  function numbered(lines) {
    const taken = new Map(lines.filter(line => line.k).map(line => [line.k, line]));
    for (const line of lines.filter(line => !line.k).sort((a, b) => a.i - b.i)) {
      let number = line.i % MOST + 1;
      while (taken.has(number)) number = number % MOST + 1;
      taken.set(number, line);
    }
    return new Map([...taken].map(([number, line]) => [line, number]));
  }

  const colour = number => (number - 1) % 8 + 1;
  const dash = number => number > 12 ? [1, 3] : number > 8 ? [10, 3, 2, 3] : number > 6 ? [2, 4] : number > 4 ? [7, 4] : [];

  // From values to what stands on the vertical axis, and back: as they are, logarithms, or shares of a reference.
  function vertical(state, lines, first) {
    const levels = lines.map(line => line.median).filter(Number.isFinite);
    const apart = levels.length > 1 && Math.min(...levels) > 0 && Math.max(...levels) > FAR_APART * Math.min(...levels);
    const mode = state.y || (apart ? "rel" : "lin");
    const from = line => mode === "rel" ? line.median : mode === "first" ? line.values[first(line)] : 1;
    const unit = new Map(lines.map(line => [line, from(line)]));
    const log = mode === "log";
    return {
      mode, apart, log, percent: mode === "rel" || mode === "first",
      to(line, value) {
        const part = value / unit.get(line);
        return log ? (part > 0 ? Math.log10(part) : NaN) : part;
      },
    };
  }

  // Bounds with room around the values, as the static picture has them: noise of one per cent is to look like one.
  function bounds(values, scale) {
    let lo = Infinity, hi = -Infinity;
    for (const value of values) if (Number.isFinite(value)) { lo = Math.min(lo, value); hi = Math.max(hi, value); }
    if (lo > hi) return [0, 1];
    const lowest = lo, level = scale.log ? 1 : median(values.map(Math.abs)) || 1;
    const least = scale.log ? Math.log10(1.1) : scale.percent ? 0.3 : 0.1;
    const lack = least * level - (hi - lo);
    if (lack > 0) { lo -= lack / 2; hi += lack / 2; }
    const room = (hi - lo) * PADDING;
    return [!scale.log && lowest >= 0 && lo < 0.25 * hi ? 0 : lo - room, hi + room];
  }

  function nice(step) {
    const power = 10 ** Math.floor(Math.log10(step));
    return [1, 2, 2.5, 5, 10].find(each => each * power >= step * (1 - 1e-9)) * power;
  }

  const steps = (lo, hi, step) => {
    const found = [];
    for (let i = Math.ceil(lo / step - 1e-9); i <= Math.floor(hi / step + 1e-9); i++) found.push(i * step);
    return found;
  };

  // The marks of the vertical axis: [where, text].
  function ticks([lo, hi], scale, unit) {
    if (scale.log) {
      let values = hi - lo < 1 ? steps(10 ** lo, 10 ** hi, nice((10 ** hi - 10 ** lo) / 5)) : [];
      if (!values.length) {
        const each = hi - lo > 5 ? [1] : [1, 2, 5], every = Math.ceil((hi - lo) / 8);
        for (let e = Math.floor(lo); e <= hi; e += every) values.push(...each.map(n => n * 10 ** e));
      }
      values = values.filter(value => value > 0 && Math.log10(value) >= lo && Math.log10(value) <= hi);
      return values.map(value => [Math.log10(value), R.human(value, unit).replace(/(\.\d*?)0+(?= |$)/, "$1").replace(/\.(?= |$)/, "")]);
    }
    const [factor, label] = scale.percent ? [100, "%"] : R.scale(Math.max(Math.abs(lo), Math.abs(hi)), unit);
    const step = nice((hi - lo) * factor / 5);
    let decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    if (Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6) decimals++;
    const text = value => step > 1e-6 && step < 1e9 ? (value + 0).toFixed(decimals) : value.toPrecision(4);
    return steps(lo * factor, hi * factor, step).map(value => [value / factor, `${text(value)} ${label}`.trimEnd()]);
  }

  // The marks of a horizontal axis of dates: years, months or days, at most `most` of them.
  function dates(lo, hi, most) {
    const day = 1440, span = (hi - lo) / day, found = [];
    const every = [[1, "d"], [2, "d"], [7, "d"], [14, "d"], [1, "m"], [2, "m"], [3, "m"], [6, "m"], [12, "m"], [24, "m"], [60, "m"], [120, "m"], [600, "m"]]
      .find(([n, unit]) => span / (unit === "d" ? n : n * 30.4) <= most) || [1200, "m"];
    const from = new Date(lo * 6e4), months = from.getUTCFullYear() * 12 + from.getUTCMonth(), [n, unit] = every;
    for (let i = 0; i <= most + 2; i++) {
      const month = Math.ceil(months / n) * n + i * n;
      const at = unit === "d" ? (Math.ceil(lo / (day * n)) + i) * day * n : Date.UTC(Math.floor(month / 12), month % 12) / 6e4;
      if (at >= lo && at <= hi) found.push([at, unit === "d" ? R.date(at) : R.date(at).slice(0, n >= 12 ? 4 : 7)]);
    }
    return found;
  }

  // Along the commits: the places in the order of the axis, each line's values there, what may be pointed at.
  function along(panel, state, zoom) {
    const { lines, fit } = panel.chosen(state), axis = panel.axis;
    const firsts = lines.map(line => line.first).filter(place => place >= 0);
    const start = firsts.length ? Math.min(...firsts) : 0, byDate = state.x === "date";
    const places = Array.from({ length: axis.n - start }, (_, i) => start + i);
    if (byDate) places.sort((a, b) => axis.minutes[a] - axis.minutes[b] || a - b);
    const x = place => byDate ? axis.minutes[place] : place;
    const xs = places.map(x), index = new Map(places.map((place, i) => [place, i]));
    const ends = [xs[0], xs[xs.length - 1]];
    if (ends[0] === ends[1]) { ends[0] -= 1; ends[1] += 1; }
    const range = zoom && zoom.every(place => place >= start) && zoom[0] !== zoom[1] ? zoom.map(x).sort((a, b) => a - b) : ends;
    const seen = i => xs[i] >= range[0] && xs[i] <= range[1];
    const scale = vertical(state, lines, line => {
      const i = places.findIndex((place, i) => seen(i) && Number.isFinite(line.values[place]));
      return places[Math.max(i, 0)];
    });
    const ys = lines.map(line => places.map(place => {
      const y = scale.to(line, line.values[place]);
      return Number.isFinite(y) ? y : null;
    }));
    const failed = new Map();
    for (const line of lines) for (const [place, reason] of line.failed) {
      if (!failed.has(place)) failed.set(place, []);
      failed.get(place).push([line, reason]);
    }
    const stops = places.map((_, i) => i).filter(i => ys.some(y => y[i] !== null) || failed.has(places[i]));
    return {
      kind: "along", panel, lines, fit, places, index, xs, ys, range, ends, scale, failed, stops, x, byDate, seen,
      zoomed: range !== ends, bands: lines.length <= MOST_BANDS, numbers: numbered(lines),
      yrange: limited(panel, lines, scale, bounds(ys.flatMap(y => y.filter((value, i) => value !== null && seen(i))), scale)),
    };
  }

  // Makes room for the budgets that lie near; others are named beside the picture, or they would flatten the lines.
  function limited(panel, lines, scale, [lo, hi]) {
    if (scale.percent) return [lo, hi];
    const reach = (hi - lo) * 0.6;
    for (const [, value, , of] of panel.data.limits) {
      const line = of < 0 ? lines[0] : panel.lines[of], y = line && lines.includes(line) ? scale.to(line, value) : NaN;
      if (y > hi && y < hi + reach) hi = y + (y - lo) * 0.04;
      if (y < lo && y > lo - reach) lo = y - (hi - y) * 0.04;
    }
    return [lo, hi];
  }

  R.trend = { MOST, Panel, word, along, ticks, dates, colour, dash, bounds, vertical, median, numbered };
})();
