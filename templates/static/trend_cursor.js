// Pointing at a drawn view with a mouse, a finger or keys, and what is told of the place: in a box beside it, and aloud.
// Part of the trend's second script.
(() => {
  "use strict";
  const R = window.regress, T = R.trend, { element } = T;
  const KEYS = "Arrow keys move by a commit, Home and End to the first and last, plus and minus zoom, 0 shows all, Enter marks a commit to compare.";
  const MOST_READ = 3;

  // What is known of place `i` of a view: the head, the lines with their values, and remarks.
  T.told = (view, i) => {
    const { panel } = view, values = view.lines.map((line, n) => [line, view.ys[n][i]]);
    const figures = values.filter(([, y]) => y !== null).sort((a, b) => b[1] - a[1])
      .map(([line]) => [line, R.human(view.kind === "across" ? line.values[i] : line.values[view.places[i]], panel.unit)]);
    if (view.kind === "across") return { head: [`${view.name} = ${view.labels[i]}`], tags: [], subject: "", figures, remarks: [] };
    const place = view.places[i], { sha, subject } = panel.commits || {}, remarks = [];
    const name = line => view.lines.length > 1 ? ` · ${line.v}` : "";
    for (const [line, reason] of view.failed.get(place) || []) {
      remarks.push(["bad", `× failed${reason ? `: ${reason}` : ""}${name(line)}`]);
    }
    for (const line of view.lines) {
      for (const step of line.steps) if (step[0] === place) remarks.push([step[2], `${step[1]} ${step[5]}${name(line)}`]);
      for (const [at, , what] of line.cuts) if (at === place) remarks.push(["warn", what]);
    }
    for (const [at, , what] of panel.axis.cuts) if (at === place) remarks.push(["warn", what]);
    const tags = panel.axis.tags.filter(([at]) => at === place).map(([, tag]) => tag);
    if (panel.axis.dirty.includes(place)) tags.push("dirty");
    return { head: [panel.date(place), sha ? sha[place].slice(0, 10) : ""], tags, subject: subject ? subject[place] : "", figures, remarks };
  };

  T.key = (view, line) => {
    const number = view.numbers.get(line);
    return element("span", { className: `key s${T.colour(number)}`, textContent: number });
  };

  T.Cursor = class Cursor {
    constructor(chart, on) {
      Object.assign(this, { chart, on, at: null, touches: new Map(), tapped: null, byKey: false });
      const { live } = chart;
      this.tip = element("div", { className: "tip", hidden: true, ariaHidden: "true" });
      this.rule = element("div", { className: "rule", hidden: true });
      this.aloud = element("p", { className: "hidden", ariaLive: "polite" });
      const hint = element("p", { className: "hidden", id: `${chart.box.parentNode.dataset.panel}-keys`, textContent: KEYS });
      live.setAttribute("aria-describedby", hint.id);
      live.append(this.rule, this.tip, this.aloud, hint);
      live.addEventListener("keydown", event => this.key(event));
      live.addEventListener("focus", () => { if (live.matches(":focus-visible")) this.go(this.at ?? chart.view.stops.length - 1); });
      live.addEventListener("blur", () => { this.byKey = false; this.show(null); });
      live.addEventListener("dblclick", () => on.reset());
      for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
        live.addEventListener(type, event => { if (event.pointerType === "touch") this.touch(event); });
      }
    }

    // Takes up where the pointer and the keys are already.
    begin(keys) {
      const { live, u } = this.chart;
      if (live.matches(":focus-visible")) this.go(this.chart.view.stops.length - 1);
      for (const key of keys) this.key(key);
      if (!this.byKey && u.cursor.left >= 0 && u.cursor.idx != null) this.move(u.cursor.idx);
    }

    // Follows the pointer: the nearest place that has something to tell.
    move(i) {
      const { stops } = this.chart.view;
      if (i === null || !stops.length) { if (!this.byKey) this.show(null); return; }
      let best = 0;
      stops.forEach((stop, n) => { if (Math.abs(stop - i) < Math.abs(stops[best] - i)) best = n; });
      this.show(best);
    }

    nearest() { return this.at === null ? null : this.chart.view.stops[this.at]; }

    // Moves by keys, which also says the values.
    go(n) {
      const { chart } = this, { view, u } = chart;
      if (!view.stops.length) return;
      this.byKey = true;
      const seen = view.stops.map((_, n) => n).filter(n => view.kind === "across" || view.seen(view.stops[n]));
      if (!seen.length) return;
      n = Math.min(Math.max(n, seen[0]), seen[seen.length - 1]);
      const i = view.stops[n];
      u.setCursor({ left: u.valToPos(view.xs[i], "x"), top: u.bbox.height / devicePixelRatio / 2 });
      this.show(n);
      this.read();
      this.on.asked();
    }

    read() {
      const { head, tags, figures, remarks } = T.told(this.chart.view, this.nearest());
      const said = figures.slice(0, MOST_READ).map(([line, value]) => figures.length > 1 ? `${line.v || line.name || ""} ${value}` : value);
      if (figures.length > MOST_READ) said.push(`and ${figures.length - MOST_READ} more`);
      this.aloud.textContent = [...head, ...tags, ...said, ...remarks.map(([, what]) => what)].filter(Boolean).join(", ");
    }

    show(n) {
      this.at = n;
      const { tip, chart } = this;
      this.rule.hidden = tip.hidden = n === null;
      if (n === null) return;
      const { view, u } = chart, told = T.told(view, this.nearest());
      const head = element("p", { className: "head" }, element("b", { textContent: told.head[0] }));
      if (told.head[1]) head.append(" ", element("span", { className: "hash", textContent: told.head[1] }));
      for (const tag of told.tags) head.append(" ", element("span", { className: `badge ${tag === "dirty" ? "warn" : "quiet"}`, textContent: tag }));
      tip.replaceChildren(head);
      if (told.subject) tip.append(element("p", { className: "subject", textContent: told.subject }));
      for (const [line, value] of told.figures) {
        const row = element("p", { className: "value" });
        if (view.lines.length > 1) row.append(T.key(view, line), element("span", { className: "variant", textContent: line.v }));
        row.append(element("b", { textContent: value }));
        tip.append(row);
      }
      for (const [tone, what] of told.remarks) tip.append(element("p", { className: `remark ${tone}`, textContent: what }));
      this.put(u.valToPos(view.xs[this.nearest()], "x"));
      this.on.asked();
    }

    // Beside the place, on the side that has room; below the picture where neither has.
    put(left) {
      const { tip, chart } = this, room = chart.box.clientWidth, wide = tip.offsetWidth, gap = 18;
      const right = left + gap + wide <= room + 24, before = left - gap - wide >= -64;
      this.rule.style.left = `${left}px`;
      tip.classList.toggle("under", !right && !before);
      tip.style.left = right ? `${left + gap}px` : before ? `${left - gap - wide}px` : "";
    }

    key(event) {
      if (event.target !== this.chart.live || event.ctrlKey || event.metaKey || event.altKey) return;
      const { view } = this.chart, now = this.at ?? view.stops.length - 1, page = Math.max(1, Math.round(view.stops.length / 10));
      const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: Infinity, PageUp: now - page, PageDown: now + page }[event.key];
      if (to !== undefined) this.go(to);
      else if (event.key === "+" || event.key === "=") this.zoom(0.5);
      else if (event.key === "-") this.zoom(2);
      else if (event.key === "0") this.on.reset();
      else if (event.key === "Enter" || event.key === " ") { if (this.at !== null) this.on.pick(this.nearest()); }
      else if (event.key === "Escape") { this.byKey = false; this.show(null); }
      else return;
      event.preventDefault();
    }

    zoom(factor) {
      const { view } = this.chart, [from, to] = view.range, centre = this.at === null ? to : view.xs[this.nearest()];
      this.set(centre - (centre - from) * factor, centre + (to - centre) * factor);
    }

    set(from, to) {
      const { ends } = this.chart.view;
      if (from <= ends[0] && to >= ends[1]) this.on.reset();
      else this.on.zoom(Math.max(from, ends[0]), Math.min(to, ends[1]));
    }

    // A tap is a click that the browser makes of it; here are two fingers, and one that moves sideways.
    touch(event) {
      const { touches, chart } = this, { view } = chart;
      const x = event.clientX - chart.box.getBoundingClientRect().left;
      if (view.kind !== "along") return;
      if (event.type === "pointerdown") {
        touches.set(event.pointerId, { from: x, now: x });
        this.base = view.range.slice();
        for (const touch of touches.values()) touch.from = touch.now;
      } else if (touches.has(event.pointerId)) {
        touches.get(event.pointerId).now = x;
        if (event.type === "pointermove") this.drag(event);
        else { this.drop(event.type === "pointercancel"); touches.clear(); }
      }
    }

    drag(event) {
      const { chart, base } = this, all = [...this.touches.values()], wide = chart.box.clientWidth;
      const per = (base[1] - base[0]) / wide;
      if (all.length === 1 && !this.range) {
        const [{ from, now }] = all;
        if (Math.abs(now - from) < 10) return;
        chart.live.setPointerCapture(event.pointerId);
        if (!chart.view.zoomed) {
          const left = Math.max(0, Math.min(from, now)), right = Math.min(wide, Math.max(from, now));
          chart.u.setSelect({ left, width: right - left, top: 0, height: chart.box.clientHeight }, false);
          this.chosen = [base[0] + left * per, base[0] + right * per];
          return;
        }
        this.range = base;
      }
      if (all.length === 1) {
        const by = Math.min(Math.max((all[0].from - all[0].now) * per, chart.view.ends[0] - base[0]), chart.view.ends[1] - base[1]);
        this.range = base.map(edge => edge + by);
      } else {
        const [a, b] = all, middle = (a.from + b.from) / 2, grown = Math.max(Math.abs(a.now - b.now), 20) / Math.max(Math.abs(a.from - b.from), 20);
        const centre = base[0] + middle * per, shift = ((a.now + b.now) / 2 - middle) * per / grown;
        this.range = [centre - (centre - base[0]) / grown - shift, centre + (base[1] - centre) / grown - shift];
      }
      this.show(null);
      chart.range = this.range;
      chart.u.setScale("x", { min: this.range[0], max: this.range[1] });
      chart.label();
    }

    drop(cancelled) {
      const { chart } = this, wanted = this.range || this.chosen;
      const moved = Boolean(this.range);
      this.range = this.chosen = chart.range = null;
      chart.u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      if (wanted && !cancelled) this.set(...wanted);
      else if (moved) this.on.redraw();
    }
  };
})();
