// Draws a view: uPlot puts the lines on a canvas that lies exactly where the static picture stands; what is text is HTML
// around it, with the same classes as the static picture's, so that both look alike. Part 2 of the trend's scripts.
(() => {
  "use strict";
  const R = window.regress, T = R.trend, EDGE = 10;
  const element = (name, more = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(more)) key in made ? made[key] = value : made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  class Chart {
    // `on` holds what to call: move(index or null), zoom(from, to), pick(index).
    constructor(box, on) {
      Object.assign(this, { box, on, u: null, view: null, dragged: false });
      this.canvas = element("div", { className: "canvas" });
      this.labels = element("div", { className: "labels", ariaHidden: "true" });
      this.flags = element("div", { className: "flags" });
      this.live = element("div", { className: "live", tabIndex: 0, role: "application" }, this.canvas, this.labels, this.flags);
      this.live.setAttribute("aria-roledescription", "chart");
      this.known = null;
      new ResizeObserver(() => this.resize()).observe(box);
    }

    get size() { return { width: this.box.clientWidth + 2 * EDGE, height: this.box.clientHeight + 2 * EDGE }; }
    resize() {
      const { width, height } = this.size;
      if (this.u && (width !== this.u.width || height !== this.u.height)) { this.u.setSize(this.known = { width, height }); this.label(); }
    }

    draw(view, pins = []) {
      // What is measured comes before what is changed, or the browser would lay the page out again.
      Object.assign(this, { view, pins, known: this.size, colours: new Map(), style: getComputedStyle(document.documentElement) });
      for (const name of ["grid", "muted", "bad", "good", "warn", "ink", "accent"]) this.colour(`--${name}`);
      for (const line of view.lines) this.of(line);
      if (this.u) this.u.destroy();
      if (!this.live.isConnected) this.box.append(this.live);
      this.u = new uPlot(this.options(view), [view.xs, ...view.ys], this.canvas);
      this.u.over.addEventListener("mousedown", () => { this.dragged = false; });
      this.u.over.addEventListener("click", event => {
        if (!this.dragged && this.u.cursor.idx != null) this.on.pick(this.u.cursor.idx, event);
      });
      this.label();
      this.box.classList.add("drawn");
    }

    colour(name) {
      if (!this.colours.has(name)) this.colours.set(name, this.style.getPropertyValue(name).trim());
      return this.colours.get(name);
    }
    of(line) { return this.colour(`--s${T.colour(this.view.numbers.get(line))}`); }

    options(view) {
      return {
        ...this.known, padding: [EDGE, EDGE, EDGE, EDGE], legend: { show: false }, pxAlign: 0,
        scales: { x: { time: false, range: () => this.range || view.range }, y: { range: () => view.yrange } },
        axes: [{ show: false }, { show: false }],
        cursor: {
          x: false, y: false, drag: { x: true, y: false, setScale: false, dist: 5 },
          points: { size: 8, width: 0, fill: (u, i) => this.of(view.lines[i - 1]) },
        },
        series: [{}, ...view.lines.map(line => this.series(line, view))],
        hooks: {
          drawClear: [() => this.under()], draw: [() => this.over()], setCursor: [u => this.on.move(u.cursor.left < 0 ? null : u.cursor.idx)],
          setSelect: [u => this.select(u.select)],
        },
      };
    }

    series(line, view) {
      const number = view.numbers.get(line), across = view.kind === "across", y = view.ys[view.lines.indexOf(line)];
      // A point between two gaps is no line: it is drawn as a point.
      const alone = y.flatMap((value, i) => value !== null && y[i - 1] == null && y[i + 1] == null ? [i] : []);
      return {
        stroke: () => this.of(line), width: !across || view.numeric ? 1.75 : view.lines.length > 1 ? 0.75 : 0, dash: T.dash(number), pxAlign: 0,
        points: { show: across, size: across ? 7 : 4, width: 0, fill: () => this.of(line), filter: (u, i, show) => show ? null : alone },
        gaps: (u, i, from, to, gaps) => gaps.concat(this.breaks(line)).sort((a, b) => a[0] - b[0]),
      };
    }

    // Where the benchmark itself changed the line is interrupted, though nothing is missing there.
    breaks(line) {
      const { view, u } = this, at = i => Math.round(u.valToPos(view.xs[i], "x", true));
      if (view.kind !== "along") return [];
      return line.cuts.map(([place]) => view.index.get(place)).filter(i => i > 0).map(i => [at(i - 1), at(i)]);
    }

    select({ left, width }) {
      if (width < 5) return;
      const { u } = this;
      this.dragged = true;
      u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      this.on.zoom(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
    }

    // Everything below is in pixels of the canvas.
    x(value) { return this.u.valToPos(value, "x", true); }
    y(value) { return this.u.valToPos(value, "y", true); }
    stroke(colour, width, dash, ...points) {
      const { ctx } = this.u;
      ctx.strokeStyle = colour;
      ctx.lineWidth = width * devicePixelRatio;
      ctx.setLineDash(dash.map(each => each * devicePixelRatio));
      ctx.beginPath();
      points.forEach(([x, y], i) => i % 2 ? ctx.lineTo(x, y) : ctx.moveTo(x, y));
      ctx.stroke();
    }
    upright(x, colour, dash, width = 1) {
      const { top, height } = this.u.bbox;
      const at = Math.round(x) + 0.5;
      this.stroke(colour, width, dash, [at, top], [at, top + height]);
    }

    inside(draw) {
      const { ctx, bbox } = this.u;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      draw(ctx, bbox);
      ctx.restore();
    }

    under() {
      const { view } = this;
      this.inside((ctx, { left, width }) => {
        for (const [y] of T.ticks(view.yrange, view.scale, view.panel.unit)) {
          const at = Math.round(this.y(y)) + 0.5;
          this.stroke(this.colour("--grid"), 1, [], [left, at], [left + width, at]);
        }
        if (view.kind !== "along") return;
        const at = place => this.x(view.x(place));
        for (const [place] of this.cuts()) this.upright(at(place), this.colour("--muted"), [4, 4]);
        ctx.globalAlpha = 0.75;
        for (const [place, , tone, weak] of this.steps()) this.upright(at(place), this.colour(`--${tone}`), weak ? [1, 3] : []);
        ctx.globalAlpha = 1;
        if (view.bands) for (const line of view.lines) this.band(ctx, line, at);
        for (const [, y] of this.limits()) this.stroke(this.colour("--bad"), 1.25, [7, 5], [left, this.y(y)], [left + width, this.y(y)]);
      });
    }

    // What runs of unchanged code show: two standard deviations of one run about each level.
    band(ctx, line, at) {
      if (!line.noise) return;
      const { view } = this, up = 1 + 2 * line.noise, down = Math.max(1 - 2 * line.noise, 0.001);
      ctx.fillStyle = this.of(line);
      ctx.globalAlpha = 0.13;
      for (const [first, last, level] of this.levels(line)) {
        const top = this.y(view.scale.to(line, level * up)), bottom = this.y(view.scale.to(line, level * down));
        ctx.fillRect(at(first), top, at(last) - at(first), bottom - top);
      }
      ctx.globalAlpha = 1;
    }

    levels(line) {
      if (line.levels) return line.levels;
      const last = line.values.findLastIndex(Number.isFinite);
      return last < 0 ? [] : [[line.first, last, line.median]];
    }

    over() {
      const { view, u } = this;
      this.inside((ctx, { top, height }) => {
        if (view.kind !== "along") return;
        const at = place => this.x(view.x(place));
        ctx.globalAlpha = 0.6;
        if (view.bands) for (const line of view.lines) for (const [first, last, level] of line.levels || []) {
          const y = this.y(view.scale.to(line, level));
          this.stroke(this.colour("--ink"), 1, [], [at(first), y], [at(last), y]);
        }
        ctx.globalAlpha = 1;
        for (const place of this.pins) this.upright(at(place), this.colour("--accent"), [], 1.5);
        const size = 3.5 * devicePixelRatio, foot = top + height - 2 * size;
        for (const place of view.failed.keys()) if (view.index.has(place)) {
          const x = at(place);
          this.stroke(this.colour("--bad"), 1.75, [], [x - size, foot - size], [x + size, foot + size], [x - size, foot + size], [x + size, foot - size]);
        }
      });
      if (view.kind === "along") for (const [line, i] of this.ends()) {
        u.ctx.fillStyle = this.of(line);
        u.ctx.beginPath();
        u.ctx.arc(this.x(view.xs[i]), this.y(view.ys[view.lines.indexOf(line)][i]), 4 * devicePixelRatio, 0, 7);
        u.ctx.fill();
      }
    }

    // The newest point of each line that is to be seen.
    ends() {
      const { view } = this;
      return view.lines.flatMap((line, n) => {
        const i = view.ys[n].findLastIndex((y, i) => y !== null && (view.kind === "across" || view.seen(i)));
        return i < 0 ? [] : [[line, i]];
      });
    }

    cuts() {
      const { view } = this, found = new Map();
      for (const cut of [...view.panel.axis.cuts, ...view.lines.flatMap(line => line.cuts)]) found.set(cut[0] + cut[2], cut);
      return [...found.values()].filter(([place]) => view.index.has(place) && view.seen(view.index.get(place)) && view.index.get(place) > 0)
        .sort((a, b) => a[0] - b[0]);
    }

    // One mark a place, led by the surest and largest change there; its words are those of all.
    steps() {
      const { view } = this, found = new Map();
      for (const line of view.lines) for (const step of line.steps) if (view.index.has(step[0]) && view.seen(view.index.get(step[0]))) {
        if (!found.has(step[0])) found.set(step[0], []);
        found.get(step[0]).push([step, view.lines.length > 1 ? `${step[5]} · ${line.v}` : step[5]]);
      }
      return [...found.entries()].sort((a, b) => a[0] - b[0]).map(([place, all]) => {
        all.sort(([a], [b]) => a[3] - b[3] || b[6] - a[6]);
        return [place, ...all[0][0].slice(1, 5), all.map(([, words]) => words)];
      });
    }

    // The budgets that fit into the picture: [words, height], each once.
    limits() {
      const { view } = this, found = new Map();
      if (view.kind === "along" && !view.scale.percent) for (const [words, value, , of] of view.panel.data.limits) {
        const line = of < 0 ? view.lines[0] : view.panel.lines[of];
        const y = line && view.lines.includes(line) ? view.scale.to(line, value) : NaN;
        if (y >= view.yrange[0] && y <= view.yrange[1]) found.set(words + y, [words, y]);
      }
      return [...found.values()];
    }
  }

  T.EDGE = EDGE;
  T.element = element;
  T.Chart = Chart;
})();
