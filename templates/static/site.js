// The overview's table: found by words, narrowed by environment and state, sorted by its headings, all of it in the
// address:  #q=take+axis&env=…&state=failed&sort=-change
// Whatever it sorts by are numbers in data-* attributes, written when the site was built; without this script every row
// is there, in the order of the build.
(() => {
  "use strict";
  const tools = document.getElementById("tools");
  addEventListener("hashchange", lead);
  lead();
  if (tools) start(tools);
  finder.ready();

  // What was sent to a colleague may name an environment that has been given up since: its table is on another page.
  function lead() {
    const hash = location.hash.slice(1), link = document.querySelector("a[data-earlier]");
    const place = hash.includes("=") ? new URLSearchParams(hash).get("env") : !document.getElementById(hash) && hash;
    if (link && link.dataset.earlier.split(" ").includes(place)) location.replace(link.getAttribute("href") + location.hash);
  }

  function start(tools) {
    const tables = [...document.querySelectorAll("table[data-env]")].map(tableOf);
    const total = tables.reduce((sum, table) => sum + table.length, 0);
    const known = new Set(tables.flatMap(table => table.heads.map(head => head.dataset.sort)));
    const order = new Intl.Collator("en", { numeric: true });
    for (const head of tables.flatMap(table => table.heads)) button(head);
    const bar = finder.start(tools, show, { sort: value => known.has(value.replace(/^-/, "")) });
    if (location.hash.includes("=")) bar.follow(); else bar.apply(false);

    function tableOf(table) {
      const body = table.tBodies[0];
      table.classList.add("sortable");
      return {
        env: table.dataset.env, body, rows: null, length: body.rows.length, card: table.closest(".card"), sorted: "",
        heads: [...table.querySelectorAll("th[data-sort]")], fold: table.closest("details"),
      };
    }

    // Rows are read when they are first asked for, not while the page is being shown.
    function rowsOf(table) {
      return table.rows = table.rows || [...table.body.rows].map(rowOf);
    }

    function rowOf(row, index) {
      const head = row.cells[0], facts = row.dataset, name = head.querySelector("a").textContent;
      const variant = head.querySelector(".variant");
      const text = `${name} ${variant ? variant.textContent : ""} ${facts.metric}`.toLowerCase();
      return { row, index, name, text, facts, states: (facts.states || "").split(" "), shown: true };
    }

    function show({ q, env, state, sort }) {
      const words = finder.words(q);
      const narrowed = words.length > 0 || state.length > 0 || Boolean(env);
      let count = 0;
      for (const table of tables) {
        const here = !env || table.env === env;
        let found = table.rows || narrowed ? 0 : table.length;
        for (const row of found ? [] : rowsOf(table)) {
          const fits = words.every(word => row.text.includes(word))
            && (!state.length || state.some(name => row.states.includes(name)));
          if (fits) found++;
          if (fits !== row.shown) row.row.hidden = !(row.shown = fits);
        }
        if (here) count += found;
        (table.fold || table.card).hidden = !here || found === 0;
        if (table.fold) finder.unfold(table.fold, narrowed && here && found > 0);
        arrange(table, sort);
      }
      return [count, total];
    }

    function arrange(table, wanted) {
      if (table.sorted === wanted) return;
      table.sorted = wanted;
      const key = wanted.replace(/^-/, ""), down = wanted.startsWith("-");
      const rows = rowsOf(table).slice().sort(key ? (a, b) => compare(a, b, key, down) : (a, b) => a.index - b.index);
      table.body.append(...rows.map(row => row.row));
      for (const head of table.heads) {
        if (head.dataset.sort !== key) head.removeAttribute("aria-sort");
        else head.setAttribute("aria-sort", down ? "descending" : "ascending");
      }
    }

    function compare(a, b, key, down) {
      const sign = down ? -1 : 1;
      if (key === "name") return sign * order.compare(a.name, b.name) || a.index - b.index;
      // Seconds and bytes have no common order: the rows of one metric stand together.
      if (key === "last" && a.facts.metric !== b.facts.metric) return a.facts.metric < b.facts.metric ? -1 : 1;
      const left = a.facts[key] || "", right = b.facts[key] || "";
      // A row without the figure comes last, whichever way the others run.
      if (!left || !right) return (left ? 0 : 1) - (right ? 0 : 1) || a.index - b.index;
      // Days are written as 2026-03-14 and follow one another as texts do.
      if (key === "date") return left === right ? a.index - b.index : sign * (left < right ? -1 : 1);
      return sign * (Number(left) - Number(right)) || a.index - b.index;
    }

    function button(head) {
      const made = document.createElement("button");
      made.type = "button";
      made.append(...head.childNodes);
      head.append(made);
      made.addEventListener("click", () => {
        const key = head.dataset.sort, now = bar.state.sort;
        // Names begin with the first letter; figures with the largest, which is what people look for.
        const down = now.replace(/^-/, "") === key ? !now.startsWith("-") : key !== "name";
        bar.state.sort = (down ? "-" : "") + key;
        bar.apply();
      });
    }
  }
})();
