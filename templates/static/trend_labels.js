// The texts of a drawn view: marks of both axes, tags, numbers at the ends of lines, flags of changes, cuts, budgets.
// They stand in per cent of the picture's box, with the classes of the static picture. Part 3 of the trend's scripts.
(() => {
  "use strict";
  const R = window.regress, T = R.trend, { element } = T;
  const MOST_CUT_LABELS = 6, GAP = 5.5, MOST_TOLD = 4;

  T.Chart.prototype.label = function label() {
    const { view } = this, [x0, x1] = this.range || view.range, [y0, y1] = view.yrange;
    const left = x => (x - x0) / (x1 - x0) * 100, down = y => (y1 - y) / (y1 - y0) * 100;
    const width = this.known.width - 2 * T.EDGE, made = [], place = view.kind === "along" ? at => left(view.x(at)) : null;
    const span = (className, style, text, title = "") => {
      const each = element("span", { className, textContent: text });
      Object.assign(each.style, style);
      if (title) each.title = title;
      made.push(each);
      return each;
    };
    for (const [y, text] of T.ticks(view.yrange, view.scale, view.panel.unit)) span("y", { top: `${down(y)}%` }, text);
    horizontal(view, [x0, x1], width).forEach(([x, text], i, all) => {
      const at = left(x), side = i === 0 && at < 1 ? " first" : i === all.length - 1 && at > 99 ? " last" : "";
      span(`x${side}`, { left: `${at}%` }, text);
    });
    if (place) {
      const cuts = this.cuts();
      if (cuts.length <= MOST_CUT_LABELS) cuts.forEach(([at, text, title], i) => {
        const short = text.length <= 28 ? text : `${text.slice(0, 27)}…`;
        span(`cutlabel${place(at) > 60 ? " late" : ""}`, { left: `${place(at)}%`, top: `${i % 3 * 1.25}rem` }, short, title);
      });
      for (const [words, y] of this.limits()) span("limit", { top: `${down(y)}%` }, words);
      this.pins.forEach((at, i) => span("pin", { left: `${place(at)}%` }, "AB"[i]));
    }
    if (view.lines.length > 1) ends(this, down).forEach(([number, top]) => span(`end s${T.colour(number)}`, { top: `${top}%` }, number));
    const flags = place ? this.steps().map(step => flag(this, step, place(step[0]))) : [];
    if (place) tags(this, place, width).forEach(([at, text, title]) => span("tag", { left: `${at}%` }, text, title));
    this.labels.replaceChildren(...made);
    this.flags.replaceChildren(...flags);
  };

  // The marks of the horizontal axis: dates of evenly spread commits, of the calendar, or a parameter's values.
  function horizontal(view, [x0, x1], width) {
    if (view.kind === "across") {
      const wanted = view.labels.map((text, i) => [view.xs[i], text.length > 18 ? `${text.slice(0, 17)}…` : text]);
      return thinned(wanted, x => (x - x0) / (x1 - x0) * width);
    }
    const most = Math.max(2, Math.min(7, Math.floor(width / 110)));
    if (view.byDate) return thinned(T.dates(x0, x1, most), x => (x - x0) / (x1 - x0) * width);
    const seen = view.places.filter(at => at >= x0 && at <= x1), last = seen.length - 1, n = Math.min(most - 1, last);
    if (last < 1) return seen.map(at => [at, view.panel.date(at)]);
    return Array.from({ length: n + 1 }, (_, i) => seen[Math.round(i * last / n)]).map(at => [at, view.panel.date(at)]);
  }

  // The same marks without those that would touch the one before.
  function thinned(marks, pixel) {
    let free = -Infinity;
    return marks.filter(([x, text]) => {
      const half = text.length * 3.6, at = pixel(x);
      if (at - half < free) return false;
      free = at + half + 8;
      return true;
    });
  }

  // The numbers at the ends of lines, pushed apart so that none covers another.
  function ends(chart, down) {
    const { view } = chart;
    const all = chart.ends().map(([line, i]) => [view.numbers.get(line), down(view.ys[view.lines.indexOf(line)][i])]);
    const gap = Math.min(GAP, 100 / Math.max(all.length - 1, 1));
    let floor = -Infinity, ceiling = 100;
    all.sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    for (const each of all) floor = each[1] = Math.max(each[1], floor + gap);
    for (const each of all.slice().reverse()) ceiling = (each[1] = Math.min(each[1], ceiling)) - gap;
    return all;
  }

  function flag(chart, [at, sign, tone, weak, cause, words], left) {
    const told = words.slice(0, MOST_TOLD);
    if (words.length > MOST_TOLD) told.push(`and ${words.length - MOST_TOLD} more`);
    const title = [...told, chart.view.panel.date(at)].join("\n"), more = { className: `${tone}${weak ? " weak" : ""}`, title };
    const made = cause
      ? element("a", { ...more, href: `../changes.html#c-${encodeURIComponent(cause)}` }, element("span", { textContent: sign, ariaHidden: "true" }), element("span", { className: "hidden", textContent: title }))
      : element("i", { ...more, textContent: sign, ariaHidden: "true" });
    made.style.left = `${left}%`;
    return made;
  }

  // Tags that find room in the strip above the picture, releases before candidates, the newest first.
  function tags(chart, place, width) {
    const { view } = chart, taken = chart.steps().map(([at]) => [place(at) / 100 * width - 8, place(at) / 100 * width + 8]);
    const release = ([, tag]) => /^\D*\d+(\.\d+)*$/.test(tag) ? 1 : 0, found = [];
    const seen = view.panel.axis.tags.filter(([at]) => view.index.has(at) && view.seen(view.index.get(at)));
    for (const [at, tag] of seen.sort((a, b) => release(b) - release(a) || b[0] - a[0])) {
      const text = tag.length > 16 ? `${tag.slice(0, 15)}…` : tag, half = text.length * 3.4 + 5, x = place(at) / 100 * width;
      const from = Math.max(x - half, -40), to = x + half;
      if (to > width + 26 || taken.some(([a, b]) => from < b && to > a)) continue;
      taken.push([from, to]);
      found.push([place(at), text, `${tag}, ${view.panel.date(at)}`]);
    }
    return found;
  }
})();
