// The trend page: draws a picture that can be zoomed and asked over each static one, which stays until then and is what
// is printed. What one sees stands in the address after '#':
//   #s=<variant>&f.<parameter>=<value>&y=log&x=date&from=<commit>&to=<commit>&p=<commit>,<commit>&env=<section>
// Last part of the first script, which draws; the second one, which answers who points at it, is loaded when the first
// picture stands. All strings of the data are foreign text: they become textContent, never HTML.
(() => {
  "use strict";
  const R = window.regress, T = R.trend, root = document.documentElement;
  const LOST = "This picture cannot be zoomed: its data belongs to another build of the site. Load the page again.";
  const later = done => requestAnimationFrame(() => requestAnimationFrame(done));
  const idle = done => window.requestIdleCallback ? requestIdleCallback(done, { timeout: 200 }) : setTimeout(done);
  const more = document.currentScript.dataset.asked;
  let loading = null;

  // Loads the second script, once.
  function asked() {
    loading = loading || new Promise((done, failed) => {
      document.head.append(T.element("script", { src: more, onload: done, onerror: () => { loading = null; failed(new Error(more)); } }));
    });
    return loading;
  }
  const fresh = () => ({ y: "", x: "", from: "", to: "", p: [], s: null, f: {}, env: "" });
  const state = fresh(), places = [];

  function restore() {
    const hash = location.hash.slice(1), asked = new URLSearchParams(hash);
    Object.assign(state, fresh());
    if (!hash.includes("=")) { state.env = hash; return; }
    for (const name of ["y", "x", "from", "to", "env"]) state[name] = asked.get(name) || "";
    if (!["lin", "log", "rel", "first"].includes(state.y)) state.y = "";
    state.p = (asked.get("p") || "").split(",").filter(Boolean).slice(0, 2);
    if (asked.has("s")) state.s = asked.getAll("s").slice(0, T.MOST);
    for (const [name, value] of asked) if (name.startsWith("f.")) state.f[name.slice(2)] = value;
  }

  function keep() {
    const kept = new URLSearchParams();
    for (const v of state.s || []) kept.append("s", v);
    for (const [name, value] of Object.entries(state.f)) kept.append(`f.${name}`, value);
    for (const name of ["y", "x", "from", "to"]) if (state[name]) kept.set(name, state[name]);
    if (state.p.length) kept.set("p", state.p.join(","));
    const plain = !kept.size && state.env;
    if (state.env && !plain) kept.set("env", state.env);
    const hash = plain ? state.env : kept.toString().replace(/%2C/g, ",");
    // A browser may refuse too many in a short time, and nothing depends on it.
    try { history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search); } catch { /* kept */ }
  }

  class Place {
    constructor(data, page, box) {
      Object.assign(this, { state, box, turn: 0, local: null, panel: new T.Panel(data, page) });
      this.card = box.closest(".panel");
    }

    // Draws what the state asks for; of several calls the last one counts.
    async draw() {
      const turn = ++this.turn, { panel } = this;
      try {
        const view = await this.view();
        if (turn !== this.turn) return;
        if (!this.chart) this.start();
        this.pins = state.p.map(sha => panel.place(sha)).filter(place => place >= 0);
        this.chart.draw(view, view.kind === "along" ? this.pins.filter(place => view.index.has(place)) : []);
        if (this.controls) this.controls.show(view, this.pins);
        const title = this.card.querySelector("h3").textContent;
        this.chart.live.setAttribute("aria-label", `${title}, ${view.lines.length} ${view.lines.length === 1 ? "line" : "lines"}`);
        later(() => {
          root.dataset.trend = "1";
          if (!this.controls) idle(() => this.answer());
        });
      } catch (problem) {
        if (problem instanceof TypeError || problem instanceof RangeError) throw problem;
        this.lost();
      }
    }

    async view() {
      const { panel } = this, name = state.x.startsWith("param:") ? state.x.slice(6) : "";
      if (state.from || state.to || state.p.length) await panel.known();
      if (panel.data.params.includes(name)) {
        await asked();
        const groups = T.across(panel, state, name, panel.place(state.p[0]));
        await panel.ready(groups.lines.flatMap(group => group.members));
        return T.spread(panel, state, name, groups);
      }
      await panel.ready(panel.chosen(state).lines);
      return T.along(panel, state, this.zoom());
    }

    zoom() {
      if (this.local) return this.local;
      const [from, to] = [state.from, state.to].map(sha => this.panel.place(sha));
      return from < 0 && to < 0 ? null : [Math.max(from, 0), to < 0 ? this.panel.axis.n - 1 : to];
    }

    start() {
      this.on = {
        move: i => this.cursor && this.cursor.move(i), asked: () => this.asked(), reset: () => this.reset(), redraw: () => this.draw(),
        zoom: (from, to) => this.zoomTo(from, to), pick: (i, event) => this.pick(i, event),
      };
      this.chart = new T.Chart(this.box, this.on);
      this.early = [];
      this.chart.live.onkeydown = event => this.early.push(event);
    }

    // Takes up what the second script brings, and what was pressed before it was there.
    async answer() {
      try { await asked(); } catch { return this.lost(); }
      if (this.controls) return;
      this.cursor = new T.Cursor(this.chart, this.on);
      this.controls = new T.Controls(this, this.card);
      this.controls.show(this.chart.view, this.pins);
      this.chart.live.onkeydown = null;
      this.cursor.begin(this.early);
    }

    change(what) {
      Object.assign(state, what);
      keep();
      redraw();
    }

    reset() {
      for (const place of places) place.local = null;
      this.change({ from: "", to: "" });
    }

    async zoomTo(from, to) {
      const { view } = this.chart;
      if (view.kind !== "along") return;
      const inside = view.places.filter((_, i) => view.xs[i] >= from && view.xs[i] <= to);
      if (inside.length < 2) return;
      this.local = [inside[0], inside[inside.length - 1]];
      this.draw();
      try { await this.panel.known(); } catch { return; }
      const { sha } = this.panel.commits, ends = this.local && this.local.map(place => sha[place]);
      if (!ends || !ends.every(Boolean)) return;
      Object.assign(state, { from: ends[0], to: ends[1] });
      keep();
      for (const place of places) if (place !== this && place.chart) { place.local = null; place.draw(); }
    }

    // Marks a commit, and takes the mark away again. A finger's first tap only asks what is there.
    async pick(i, event) {
      const { view } = this.chart;
      const at = this.cursor?.nearest() ?? i, tapped = this.tapped === at;
      this.tapped = at;
      if (view.kind !== "along" || event && event.pointerType === "touch" && !tapped) return;
      try { await this.panel.known(); } catch { return this.lost(); }
      const sha = this.panel.commits.sha[view.places[at]], had = state.p;
      if (sha) this.change({ p: had.includes(sha) ? had.filter(each => each !== sha) : had.length > 1 ? [sha] : [...had, sha] });
    }

    // The commits' names come when somebody first points at one.
    async asked() {
      if (this.panel.commits) return;
      try { await this.panel.known(); } catch { return; }
      if (this.cursor.at !== null) this.cursor.show(this.cursor.at);
    }

    lost() {
      if (!this.told) this.box.closest("figure").append(this.told = T.element("p", { className: "lost muted", textContent: LOST }));
    }
  }

  const redraw = () => { for (const place of places) if (place.chart) place.draw(); };

  // Pictures that came near are drawn one after another, so that none keeps a finger waiting.
  const near = [];
  function next() {
    near.shift().draw();
    if (near.length) setTimeout(next);
  }
  const watch = new IntersectionObserver(seen => {
    for (const { target, isIntersecting } of seen) if (isIntersecting) {
      watch.unobserve(target);
      if (near.push(places.find(place => place.box === target)) === 1) setTimeout(next);
    }
  }, { rootMargin: "300px" });

  function start() {
    const { page } = R, boxes = [...document.querySelectorAll(".plot[data-panel] > .box")];
    for (const box of boxes) {
      const data = page && page.panels.find(panel => panel.id === box.parentNode.dataset.panel);
      if (data) places.push(new Place(data, page, box));
      else if (!page) Place.prototype.lost.call({ box });
    }
    restore();
    if (places.length) places[0].draw();
    if (location.hash.includes("=") && state.env) document.getElementById(state.env)?.scrollIntoView();
    later(() => {
      root.dataset.ready = "1";
      for (const { box } of places.slice(1)) watch.observe(box);
    });
    addEventListener("hashchange", () => {
      const env = location.hash.slice(1);
      // A plain place on the page says nothing of the pictures.
      if (env && !env.includes("=")) { state.env = env; return; }
      restore();
      for (const place of places) place.local = null;
      redraw();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  }

  // The files of the data come after this one.
  document.readyState === "complete" ? start() : addEventListener("DOMContentLoaded", start);
})();
