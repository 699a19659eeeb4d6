// The overview's table: found by words, narrowed by environment and state, sorted by its headings. All of it stands in
// the address after '#', so that what one sees can be sent to a colleague:  #q=take+axis&env=…&state=failed&sort=-change
// A classic script, as module scripts do not load from disk. Whatever it sorts by are numbers in data-* attributes,
// written when the site was built; without it every row is there, in the order of the build.
(() => {
  "use strict";
  const root = document.documentElement;
  const tools = document.getElementById("tools");
  if (tools) start(tools);
  // The second frame begins when the first has been laid out and painted.
  requestAnimationFrame(() => requestAnimationFrame(() => { root.dataset.ready = "1"; }));

  function start(tools) {
    const filter = tools.querySelector("[data-filter]");
    const place = tools.querySelector("[data-env]");
    const shown = tools.querySelector("[data-shown]");
    const reset = tools.querySelector("[data-reset]");
    const chips = [...tools.querySelectorAll("[data-state]")];
    const tables = [...document.querySelectorAll("table[data-env]")].map(tableOf);
    const total = tables.reduce((sum, table) => sum + table.rows.length, 0);
    const known = new Set(tables.flatMap(table => table.heads.map(head => head.dataset.sort)));
    const order = new Intl.Collator("en", { numeric: true });
    const state = { q: "", env: "", states: [], sort: "", down: false };

    restore();
    tools.hidden = false;
    for (const each of document.querySelectorAll("[data-plain]")) each.hidden = true;
    filter.addEventListener("input", () => { state.q = filter.value; apply(); });
    if (place) place.addEventListener("change", () => { state.env = place.value; apply(); });
    for (const chip of chips) chip.addEventListener("click", () => {
      const name = chip.dataset.state;
      state.states = state.states.includes(name) ? state.states.filter(s => s !== name) : [...state.states, name];
      apply();
    });
    for (const head of tables.flatMap(table => table.heads)) button(head);
    reset.addEventListener("click", event => {
      event.preventDefault();
      Object.assign(state, { q: "", env: "", states: [], sort: "", down: false });
      apply();
      filter.focus();
    });
    addEventListener("hashchange", restore);
    addEventListener("keydown", keys);

    function tableOf(table) {
      const body = table.tBodies[0];
      table.classList.add("sortable");
      return {
        env: table.dataset.env, body, rows: [...body.rows].map(rowOf), card: table.closest(".card"), sorted: "",
        heads: [...table.querySelectorAll("th[data-sort]")], fold: table.closest("details"), opened: false,
      };
    }

    function rowOf(row, index) {
      const head = row.cells[0], facts = row.dataset, name = head.querySelector("a").textContent;
      const variant = head.querySelector(".variant");
      const text = `${name} ${variant ? variant.textContent : ""} ${facts.metric}`.toLowerCase();
      return { row, index, name, text, facts, states: (facts.states || "").split(" "), shown: true };
    }

    // Follows the address. An address without '=' is a place on the page and says nothing of the table.
    function restore() {
      const hash = location.hash.slice(1);
      if (hash && !hash.includes("=")) return;
      const asked = new URLSearchParams(hash), sort = asked.get("sort") || "";
      const key = sort.replace(/^-/, "");
      const states = (asked.get("state") || "").split(",");
      state.q = asked.get("q") || "";
      state.env = tables.some(table => table.env === asked.get("env")) ? asked.get("env") : "";
      state.states = chips.map(chip => chip.dataset.state).filter(name => states.includes(name));
      state.sort = known.has(key) ? key : "";
      state.down = sort.startsWith("-");
      apply(false);
    }

    function apply(write = true) {
      const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
      const narrowed = words.length > 0 || state.states.length > 0;
      let count = 0;
      for (const table of tables) {
        const here = !state.env || table.env === state.env;
        let found = 0;
        for (const row of table.rows) {
          const fits = words.every(word => row.text.includes(word))
            && (!state.states.length || state.states.some(name => row.states.includes(name)));
          if (fits) found++;
          if (fits !== row.shown) row.row.hidden = !(row.shown = fits);
        }
        if (here) count += found;
        (table.fold || table.card).hidden = !here || found === 0;
        if (table.fold) unfold(table, here && found > 0 && (narrowed || Boolean(state.env)));
        sort(table);
      }
      say(count, narrowed || Boolean(state.env || state.sort));
      root.dataset.filtered = state.q;
      if (write) keep();
    }

    // What was found is not to lie in a folded section; what this unfolded is folded again afterwards.
    function unfold(table, wanted) {
      if (wanted && !table.fold.open) table.fold.open = table.opened = true;
      else if (!wanted && table.opened) table.fold.open = table.opened = false;
    }

    function sort(table) {
      const wanted = state.sort && `${state.down ? "-" : ""}${state.sort}`;
      if (table.sorted === wanted) return;
      table.sorted = wanted;
      const rows = table.rows.slice().sort(state.sort ? compare : (a, b) => a.index - b.index);
      table.body.append(...rows.map(row => row.row));
      for (const head of table.heads) {
        if (head.dataset.sort !== state.sort) head.removeAttribute("aria-sort");
        else head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      }
    }

    function compare(a, b) {
      const sign = state.down ? -1 : 1;
      if (state.sort === "name") return sign * order.compare(a.name, b.name) || a.index - b.index;
      // Seconds and bytes have no common order: the rows of one metric stand together.
      if (state.sort === "last" && a.facts.metric !== b.facts.metric) return a.facts.metric < b.facts.metric ? -1 : 1;
      const left = a.facts[state.sort] || "", right = b.facts[state.sort] || "";
      // A row without the figure comes last, whichever way the others run.
      if (!left || !right) return (left ? 0 : 1) - (right ? 0 : 1) || a.index - b.index;
      // Days are written as 2026-03-14 and follow one another as texts do.
      if (state.sort === "date") return left === right ? a.index - b.index : sign * (left < right ? -1 : 1);
      return sign * (Number(left) - Number(right)) || a.index - b.index;
    }

    function button(head) {
      const made = document.createElement("button");
      made.type = "button";
      made.append(...head.childNodes);
      head.append(made);
      made.addEventListener("click", () => {
        const key = head.dataset.sort;
        // Names begin with the first letter; figures with the largest, which is what people look for.
        state.down = state.sort === key ? !state.down : key !== "name";
        state.sort = key;
        apply();
      });
    }

    function say(count, changed) {
      if (filter.value !== state.q) filter.value = state.q;
      if (place) place.value = state.env;
      for (const chip of chips) {
        const on = state.states.includes(chip.dataset.state);
        chip.setAttribute("aria-pressed", String(on));
        chip.hidden = !on && chip.hasAttribute("data-empty");
      }
      const text = `${count.toLocaleString("en")} of ${total.toLocaleString("en")} shown`;
      if (shown.textContent !== text) shown.textContent = text;
      reset.hidden = !changed;
    }

    function keep() {
      const kept = new URLSearchParams();
      if (state.q.trim()) kept.set("q", state.q.trim());
      if (state.env) kept.set("env", state.env);
      if (state.states.length) kept.set("state", state.states.join(","));
      if (state.sort) kept.set("sort", `${state.down ? "-" : ""}${state.sort}`);
      const hash = kept.toString().replace(/%2C/g, ",");
      // Nothing depends on it, and a browser may refuse too many in a short time.
      try { history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search); } catch { /* kept */ }
    }

    function keys(event) {
      const typing = event.target instanceof Element && event.target.closest("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        filter.focus();
        filter.select();
      } else if (event.key === "Escape" && event.target === filter) {
        event.preventDefault();
        if (state.q) { state.q = ""; apply(); } else filter.blur();
      }
    }
  }
})();
