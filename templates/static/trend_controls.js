// What stands around a drawn view: the toolbar, the choice of variants, the two commits that were marked, downloads.
// Part of the trend's second script.
(() => {
  "use strict";
  const R = window.regress, T = R.trend, { element } = T;
  const SCALES = [["lin", "Value"], ["log", "Log"], ["rel", "% of median"], ["first", "% of first"]], MOST_BUTTONS = 14;
  
  const button = (text, press, more = {}) => element("button", { type: "button", textContent: text, onclick: press, ...more });
  const press = (each, on) => each.setAttribute("aria-pressed", String(on));
  function group(label, ...buttons) {
    const made = element("div", { className: "seg" }, ...buttons);
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", label);
    return made;
  }

  // The values of a parameter to choose from: buttons where there are few, else a list. `say` gets the value or null.
  function buttons(name, values, say) {
    const all = [null, ...values].map(value => [value ?? undefined, button(value ?? "all", () => say(value))]);
    return { made: group(name, ...all.map(([, each]) => each)), mark: chosen => all.forEach(([value, each]) => press(each, value === chosen)) };
  }
  function list(name, values, say) {
    const made = element("select", { ariaLabel: name }, new Option("all", ""), ...values.map((value, i) => new Option(value, i)));
    made.addEventListener("change", () => say(made.value === "" ? null : values[made.value]));
    return { made, mark: chosen => { made.value = chosen === undefined ? "" : values.indexOf(chosen); } };
  }

  T.Controls = class Controls {
    // `place` is what changes the state and draws again; `card` is the panel's part of the page.
    constructor(place, card) {
      Object.assign(this, { place, card, panel: place.panel, boxes: null, keyed: [], words: [] });
      const { data } = this.panel, given = name => data.values[data.params.indexOf(name)].length > 1;
      this.scales = SCALES.map(([mode, text]) => [mode, button(text, () => place.change({ y: mode }))]);
      this.across = [["", "Evenly"], ["date", "By date"], ...data.params.filter(given).map(name => [`param:${name}`, `By ${name}`])]
        .map(([x, text]) => [x, button(text, () => place.change({ x }))]);
      this.reset = button("Reset zoom", () => place.reset(), { className: "txt" });
      const save = ["csv", "json"].map(kind => button(kind.toUpperCase(), () => this.save(kind), { className: "txt", title: this.rounding() }));
      this.bar = card.querySelector(".trendbar");
      this.bar.append(
        group("Vertical scale", ...this.scales.map(([, each]) => each)),
        group("Horizontal axis", ...this.across.map(([, each]) => each)),
        this.reset, element("span", { className: "save" }, "Data ", ...save),
      );
      this.note = card.querySelector("figcaption");
      this.said = element("p", { className: "said", ariaLive: "polite" });
      this.picked = element("div", { className: "picked", hidden: true });
      this.note.after(this.picked);
      this.table = card.querySelector("table.rows");
      if (this.table) this.variants();
      else this.note.after(this.said);
    }

    rounding() {
      return this.panel.data.kind === "noisy" ? "All values of this picture, rounded to 0.1 %" : "All values of this picture";
    }

    // The choice of variants, above their table.
    variants() {
      const { data } = this.panel, holder = this.card.querySelector(".facets");
      this.facets = data.params.map((name, i) => [name, data.values[i]]).filter(([, values]) => values.length > 1).map(([name, values]) => {
        const label = element("span", { className: "param", textContent: name }), say = value => this.facet(name, value);
        const few = values.length <= MOST_BUTTONS && values.join("").length <= 110, each = few ? buttons(name, values, say) : list(name, values, say);
        holder.append(element("div", { className: "facet" }, label, each.made));
        return { name, ...each };
      });
      const line = element("div", { className: "find" });
      if (data.lines.length > 8) {
        this.filter = element("input", { type: "search", placeholder: `Find among ${data.lines.length} variants`, ariaLabel: "Find variants", autocomplete: "off", spellcheck: false });
        this.filter.addEventListener("input", () => { this.words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean); this.rows(); });
        line.append(this.filter);
      }
      this.plain = button("Back to the first", () => this.place.change({ s: null, f: {} }), { className: "txt" });
      line.append(this.said, this.plain);
      holder.append(line);
      holder.hidden = false;
      // Hundreds of rows are left alone until somebody sees them.
      new IntersectionObserver((seen, watch) => { if (seen.some(each => each.isIntersecting)) { watch.disconnect(); this.decorate(); } }).observe(this.table);
    }

    facet(name, value) {
      const f = { ...this.place.state.f };
      if (value === null) delete f[name]; else f[name] = value;
      this.place.change({ f, s: null });
    }

    decorate() {
      if (this.boxes) return;
      const { lines } = this.panel;
      this.further = this.card.querySelector("details.further");
      const rows = [...this.table.tBodies[0].rows, ...this.further ? this.further.querySelectorAll("li") : []];
      this.boxes = lines.map((line, i) => {
        const row = rows[i], head = row && (row.cells ? row.cells[0] : row);
        if (!head) return null;
        const box = element("input", { type: "checkbox", className: "draw", ariaLabel: `Draw ${line.v || "without parameters"}` });
        box.addEventListener("change", () => this.toggle(line, box));
        let key = head.querySelector(".key");
        if (!key) { key = element("span", { className: "key none" }); head.prepend(key, " "); }
        head.prepend(box);
        return { row, box, key, text: line.v.toLowerCase(), shown: true, drawn: Boolean(line.k) };
      });
      this.rows();
      if (this.view) this.marks();
    }

    toggle(line, box) {
      const shown = this.panel.chosen(this.place.state).lines.map(each => each.v);
      if (box.checked && shown.length >= T.MOST) {
        box.checked = false;
        this.said.textContent = `${T.MOST} lines at most are drawn: take another one away first.`;
        return;
      }
      this.place.change({ s: box.checked ? [...shown, line.v] : shown.filter(v => v !== line.v), f: {} });
    }

    // Shows the rows that the words and the facets leave.
    rows() {
      this.decorate();
      const { data, lines } = this.panel, facets = Object.entries(this.place.state.f).filter(([name]) => data.params.includes(name));
      this.boxes.forEach((each, i) => {
        if (!each) return;
        const fits = this.words.every(word => each.text.includes(word)) && facets.every(([name, value]) => {
          const at = data.params.indexOf(name);
          return data.values[at][lines[i].p[at]] === value;
        });
        if (fits !== each.shown) each.row.hidden = !(each.shown = fits);
      });
      // What was looked for is not to lie in a folded list.
      if (this.further && (this.words.length || facets.length)) this.further.open = true;
    }

    // Ties the rows to the picture: a tick, and the number that the line has there.
    marks() {
      const { view } = this;
      const along = view.kind === "along";
      this.boxes.forEach((each, i) => {
        if (!each) return;
        const line = this.panel.lines[i], drawn = along && view.numbers.has(line), number = drawn ? view.numbers.get(line) : 0;
        if (each.box.checked !== drawn) each.box.checked = drawn;
        if (each.box.disabled === along) each.box.disabled = !along;
        const name = number ? `key s${T.colour(number)}` : "key none";
        if (each.key.className !== name) each.key.className = name;
        if (each.key.textContent !== String(number || "")) each.key.textContent = number || "";
      });
    }

    // Says what a view shows.
    show(view, pins) {
      this.view = view;
      const { state } = this.place, { panel } = this;
      const x = this.across.some(([each]) => each === state.x) ? state.x : "";
      for (const [mode, each] of this.scales) press(each, mode === view.scale.mode);
      for (const [name, each] of this.across) press(each, name === x);
      this.reset.hidden = !view.zoomed;
      const notes = [];
      if (view.kind === "across") notes.push(`${view.pinned >= 0 ? "Values at the marked commit, or the last before it" : "The newest value of each variant"}, along ${view.name}.`);
      if (view.scale.mode === "rel" && !state.y && view.scale.apart) notes.push("The levels lie far apart, so each line is drawn in per cent of its own median.");
      if (view.bands && view.lines.some(line => line.noise)) notes.push("The faint band is what runs of unchanged code show: two standard deviations of one run about the level.");
      const far = view.kind === "along" && !view.scale.percent ? panel.data.limits.filter(([, value, , of]) => {
        const line = of < 0 ? view.lines[0] : panel.lines[of], y = line && view.lines.includes(line) ? view.scale.to(line, value) : NaN;
        return y > view.yrange[1] || y < view.yrange[0];
      }) : [];
      if (far.length) notes.push(`Beyond the picture: ${[...new Set(far.map(([words]) => words))].slice(0, 4).join(", ")}.`);
      this.note.textContent = notes.join(" ");
      if (this.facets) {
        for (const { name, mark } of this.facets) mark(state.s ? undefined : state.f[name]);
        const what = view.kind === "across" ? "combinations" : "variants", total = view.kind === "across" ? view.fit : panel.lines.length, drawn = view.lines.length;
        this.said.textContent = total === 1 ? "" : view.fit > drawn ? `${drawn} of the ${view.fit} ${what} that fit are drawn, the worst first` : `${drawn} of ${total} ${what} drawn`;
        this.plain.hidden = !state.s && !Object.keys(state.f).length;
        if (this.boxes || Object.keys(state.f).length) { this.rows(); this.marks(); }
      }
      this.pair(view, pins);
    }

    // The two commits that were marked, and how each line moved between them.
    pair(view, pins) {
      const { panel } = this, { picked } = this;
      picked.hidden = !pins.length;
      if (!pins.length) { picked.replaceChildren(); return; }
      const name = place => element("span", {}, panel.date(place), " ", element("span", { className: "hash", textContent: panel.commits.sha[place].slice(0, 10) }));
      const head = element("p", {}, element("b", { textContent: "A " }), name(pins[0]));
      if (pins.length > 1) head.append(" → ", element("b", { textContent: "B " }), name(pins[1]), " ", this.comparison(pins));
      else head.append(element("span", { className: "muted", textContent: " · choose another commit to compare with" }));
      head.append(" ", button("Clear", () => this.place.change({ p: [] }), { className: "txt" }));
      picked.replaceChildren(head);
      if (pins.length < 2 || view.kind !== "along") return;
      const list = element("ul");
      for (const line of view.lines) {
        const [a, b] = pins.map(place => line.values[place]), row = element("li");
        if (view.lines.length > 1) row.append(T.key(view, line), element("span", { className: "variant", textContent: line.v }));
        if (Number.isFinite(a) && Number.isFinite(b)) row.append(element("span", { className: "figures", textContent: `${R.human(a, panel.unit)} → ${R.human(b, panel.unit)}` }), this.change(a, b, line));
        else row.append(element("span", { className: "muted", textContent: `no value at ${Number.isFinite(a) ? "B" : Number.isFinite(b) ? "A" : "A and B"}` }));
        list.append(row);
      }
      picked.append(list);
    }

    change(a, b, line) {
      const change = b / a - 1, { data } = this.panel, what = T.word(change, data);
      const sigma = line.noise && a > 0 && b > 0 ? Math.abs(Math.log(b / a)) / line.noise : NaN;
      const tone = !Number.isFinite(sigma) || sigma < 2 || ["higher", "lower", "no change"].includes(what) ? "quiet"
        : data.direction === "higher" === b > a ? "good" : "bad";
      const made = element("span", { className: `change ${tone}` }, element("b", { textContent: R.percent(change) }), ` ${what}`);
      if (Number.isFinite(sigma)) made.append(` (${R.significant(sigma, sigma < 10 ? 2 : 3)} σ)`);
      return made;
    }

    comparison(pins) {
      const [base, now] = pins.map(place => this.panel.commits.sha[place]);
      return element("a", { href: `../compare.html#${new URLSearchParams({ base, new: now })}`, textContent: "Compare everything" });
    }

    async save(kind) {
      try {
        await this.panel.ready(this.panel.lines);
        await this.panel.known();
      } catch { this.place.lost(); return; }
      T.save(this.panel, kind);
      this.said.textContent = this.panel.data.kind === "noisy" ? "Saved; the values are rounded to 0.1 %." : "Saved.";
    }
  };
})();
