// The page that compares two commits: the pickers, the table and what narrows it. All of it stands in the address:
//   #base=v1.2&new=abc1234567&min=2&all=1&q=words&env=…&dir=worse
(() => {
  "use strict";
  const { comparison, human, percent, fixed, date } = window.regress, { words, ready } = window.finder;
  const ROWS = 100, MOST = 300, GROUPS = 8, OPTIONS = 40, BEFORE = 30, SIGMAS = 2, MEANS = 4;
  const SHORTEST = 4;  // digits of a hash that name a commit
  const page = document.getElementById("compare"), waiting = document.getElementById("waiting");
  const $ = selector => page.querySelector(selector);
  const sides = Object.fromEntries(["base", "new"].map(id => [id, { input: $(`#${id}`), is: $(`#${id}-is`) }]));
  const tags = new Map();
  let known = null, commits = [], finder = null, state = {};
  let from = null, to = null, result = null, chosen = [], shown = [], room = ROWS, allGroups = false;

  waiting.hidden = false;
  // It comes when the scripts of data have run.
  addEventListener("DOMContentLoaded", () => comparison.history().then(pause).then(start).catch(failed).finally(ready));

  // Reading and drawing are two tasks, so that neither makes anybody wait.
  const pause = what => new Promise(done => { setTimeout(done, 0, what); });

  function start(what) {
    known = what;
    commits = known.all.filter(each => each && each.sha);
    if (!commits.length) {
      waiting.textContent = "The history names no commit, so there is nothing to choose from.";
      return;
    }
    for (const each of commits) for (const tag of each.tags) tags.set(tag, each);
    waiting.hidden = true;
    page.hidden = false;
    for (const [id, { input }] of Object.entries(sides)) {
      input.addEventListener("input", () => {
        offer(input.value);
        if (named(input.value)) take(id, input.value.trim());
      });
      input.addEventListener("change", () => take(id, input.value.trim()));
      input.addEventListener("focus", () => { offer(""); input.select(); });
    }
    for (const each of page.querySelectorAll("[data-pick]")) {
      each.addEventListener("click", () => {
        take(each.closest("[data-side]").dataset.side, name(offered(each.dataset.pick)));
      });
    }
    $("[data-swap]").addEventListener("click", () => {
      Object.assign(state, { base: name(to), new: name(from) });
      finder.apply();
    });
    $("[data-more]").addEventListener("click", () => { room += ROWS; rows(); });
    $("[data-more-groups]").addEventListener("click", () => { allGroups = !allGroups; groups(); });
    for (const each of page.querySelectorAll("[data-save]")) {
      each.addEventListener("click", () => save(each.dataset.save));
    }
    finder = window.finder.start($("[data-tools]"), show, { base: () => true, new: () => true });
    state = finder.state;
    finder.follow();
    if (!result) finder.apply(false);  // the address is a place on the page
  }

  function failed() {
    page.hidden = true;
    waiting.hidden = false;
    const text = "The levels cannot be read: files of this site are missing, or of another build. Load it again.";
    waiting.textContent = text;
  }

  // Which commit a text means: a tag, the beginning of a hash, or a day, which means the last commit by then.
  function find(text) {
    const low = text.toLowerCase(), last = fits => commits.findLast(fits) || null;
    if (!text) return null;
    return tags.get(text) || tags.get(`v${text}`)
      || (low.length >= SHORTEST && last(each => each.sha.startsWith(low) || low.startsWith(each.sha)))
      || (/^\d{4}-\d\d-\d\d$/.test(text) && last(each => each.minute && date(each.minute) <= text)) || null;
  }

  const named = text => commits.some(each => name(each) === text.trim());
  const short = commit => commit.sha.slice(0, 10);
  // A tag may stand at several commits, as labels of runs do; then it names the newest only.
  const name = commit => commit.tags.find(tag => tags.get(tag) === commit) || short(commit);
  const day = commit => commit.minute ? date(commit.minute) : "";

  // What a button offers: the newest commit, the newest tag before it, or some commits before the other side.
  function offered(what) {
    const end = commits.length - 1;
    if (what === "newest") return commits[end];
    if (what === "tag") return commits.findLast((each, i) => each.tags.length && i < end) || null;
    return commits[Math.max(0, commits.indexOf(to) - BEFORE)];
  }

  function take(id, text) {
    // Whoever picks one side means the other as it stands, not as it will be by default some day.
    Object.assign(state, { base: name(from), new: name(to), [id]: text });
    finder.apply();
  }

  // Shows what the state says; returns how many of how many series.
  function show(wanted) {
    state = wanted;
    const [next, base] = [find(state.new) || offered("newest"), find(state.base)];
    if (!result || next !== to || !base || base !== from) {
      to = next;
      from = base || offered("tag") || offered("before");
      result = comparison.compare(known, from.number, to.number);
      result.rows.sort((a, b) => b.order - a.order || Math.abs(b.change) - Math.abs(a.change));
    }
    tell("base", from);
    tell("new", to);
    for (const each of page.querySelectorAll("[data-pick=tag]")) each.hidden = !offered("tag");
    narrow();
    return [shown.length, result.rows.length];
  }

  // What a side stands at, or that nothing is called so.
  function tell(id, commit) {
    const { input, is } = sides[id], wrong = state[id] && !find(state[id]);
    input.value = wrong ? state[id] : name(commit);
    input.toggleAttribute("aria-invalid", false);
    if (wrong) input.setAttribute("aria-invalid", "true");
    const hash = make(commit.url ? "a" : "span", "hash", short(commit));
    if (commit.url) hash.href = commit.url;
    const rest = [day(commit), ...commit.tags.filter(tag => tag !== name(commit))].filter(Boolean).join(" · ");
    const parts = [hash, ` ${rest} `, make("span", "subject", commit.subject)];
    if (wrong) parts.unshift(make("span", "wrong", "No measured commit has this tag, hash or day. Instead:"), " ");
    is.replaceChildren(...parts);
  }

  // The commits that a text may mean, the newest first, for the browser's own list.
  function offer(text) {
    const asked = words(text), found = [];
    for (let i = commits.length - 1; i >= 0 && found.length < OPTIONS; i--) {
      const each = commits[i];
      each.text ||= `${each.tags.join(" ")} ${day(each)} ${each.subject}`.toLowerCase();
      const fits = word => each.text.includes(word) || (word.length >= SHORTEST && each.sha.startsWith(word));
      if (!asked.every(fits)) continue;
      const option = document.createElement("option");
      option.value = name(each);
      option.label = [day(each), each.tags.length ? short(each) : "", each.subject].filter(Boolean).join("  ");
      found.push(option);
    }
    $("#commits").replaceChildren(...found);
  }

  const least = () => Number(state.min) || SIGMAS;
  const beyond = row => row.sigmas >= least();
  const direction = row => row.worse > 0 ? "worse" : row.worse < 0 ? "better" : "neither";
  // Note: the first `toLocaleString` alone takes as long as the comparison.
  const count = number => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

  function narrow() {
    const asked = words(state.q);
    chosen = result.rows.filter(({ series }) => {
      if (state.env && series.axis.section !== state.env) return false;
      series.text ||= `${series.name} ${series.variant} ${series.metric}`.toLowerCase();
      return asked.every(word => series.text.includes(word));
    });
    const loud = chosen.filter(beyond), listed = state.all.length ? chosen : loud;
    shown = state.dir.length ? listed.filter(row => state.dir.includes(direction(row))) : listed;
    room = ROWS;
    answer(loud);
    groups();
    rows();
    for (const chip of page.querySelectorAll("button[name]")) {
      const within = chip.name === "all" ? chosen.length - loud.length : null;
      const of = within ?? loud.filter(row => direction(row) === chip.value).length;
      chip.querySelector("b").textContent = count(of);
      chip.toggleAttribute("data-empty", !of);
    }
    $("[data-count]").textContent = count(shown.length);
  }

  function answer(loud) {
    const parts = [["worse", "worse"], ["better", "better"], ["neither", "otherwise changed"]]
      .map(([way, word]) => [loud.filter(row => direction(row) === way).length, word])
      .filter(([n]) => n).map(([n, word]) => `${count(n)} ${word}`);
    $("[data-answer]").textContent = from === to ? "Both sides are the same commit"
      : !chosen.length ? "No series has a level at both commits"
        : parts.length ? parts.join(", ") : `Nothing changed by ${least()} σ or more`;
    const means = [...averages(row => row.series.metric).values()].filter(mean => mean.n);
    $("[data-mean]").replaceChildren(...means.slice(0, MEANS).flatMap((mean, i) => [
      i ? " · " : "Geometric mean of ", `${count(mean.n)} series`, means.length > 1 ? ` of ${mean.metric}: ` : ": ",
      changed(mean),
    ]));
    const { unmeasured, own, machine } = result.left, places = new Set(result.rows.map(row => row.series.axis.label));
    const left = [[unmeasured, "not measured at both"], [own, "of benchmarks that were edited in between"],
      [machine, "measured on different processors"]].filter(([n]) => n).map(([n, why]) => `${count(n)} ${why}`);
    $("[data-left]").textContent = `${count(result.rows.length)} series compared`
      + (known.axes.length > 1 && places.size === 1 ? `, all in ${[...places][0]}` : "")
      + (left.length ? `. Left out: ${left.join(", ")}.` : ".");
  }

  // The geometric mean of new / base of the rows that share a key; seconds and bytes have none in common.
  function averages(key) {
    const found = new Map();
    for (const row of chosen) {
      const { series } = row, { metric, group } = series, id = key(row);
      if (!found.has(id)) found.set(id, { metric, group, series, n: 0, sum: 0, worse: 0, better: 0 });
      const mean = found.get(id);
      if (!Number.isNaN(row.log)) { mean.n++; mean.sum += row.log; }
      if (beyond(row)) { if (row.worse > 0) mean.worse++; else if (row.worse < 0) mean.better++; }
    }
    return found;
  }

  function changed({ n, sum, series }) {
    const change = n ? Math.expm1(sum / n) : NaN, still = !(Math.abs(change) >= 0.0005);
    const worse = still ? 0 : series.worse * Math.sign(change);
    const word = still ? "no change" : change > 0 ? series.more : series.less;
    return figure(n ? percent(change) : "–", n ? word : "", worse, still);
  }

  function figure(text, word, worse, still) {
    const made = make("span", `change ${still ? "quiet" : worse > 0 ? "bad" : worse < 0 ? "good" : "warn"}`);
    made.append(make("b", "", text), ` ${word}`);
    return made;
  }

  function groups() {
    const found = [...averages(row => `${row.series.group}\0${row.series.metric}`).values()];
    const size = mean => mean.n ? Math.abs(mean.sum / mean.n) : 0, metrics = new Set(found.map(mean => mean.metric));
    found.sort((a, b) => size(b) - size(a));
    $("[data-groups]").hidden = found.length < 2;
    $("[data-groups-count]").textContent = found.length;
    const more = $("[data-more-groups]"), body = $(".groups tbody");
    more.hidden = found.length <= GROUPS;
    more.textContent = allGroups ? "Fewer groups" : `All ${found.length} groups`;
    body.replaceChildren(...found.slice(0, allGroups ? found.length : GROUPS).map(mean => {
      const row = make("tr"), head = make("th", "", mean.group);
      head.scope = "row";
      if (metrics.size > 1) head.append(" ", make("span", "metric", mean.metric));
      const cells = ["worse", "better"].map(way => make("td", "num", count(mean[way])));
      const change = make("td", "num");
      change.append(changed(mean));
      row.append(head, change, ...cells, make("td", "num", count(mean.n)));
      return row;
    }));
  }

  function rows() {
    const most = Math.min(room, MOST), here = shown.slice(0, most), body = $(".compared tbody");
    const several = new Set(shown.map(row => row.series.axis.label)).size > 1;
    // What is there already stays there, so that the focus does.
    if (room > ROWS) body.append(...here.slice(body.rows.length).map(row => line(row, several)));
    else body.replaceChildren(...here.map(row => line(row, several)));
    const rest = shown.length - here.length, more = $("[data-more]");
    more.hidden = !rest || most === MOST;
    more.textContent = `Show ${Math.min(rest, ROWS)} more`;
    $("[data-beyond]").textContent = !more.hidden || !rest ? ""
      : `${count(rest)} more: narrow them by words, or take all of them below.`;
    for (const each of page.querySelectorAll("[data-table]")) each.hidden = !shown.length;
    const none = $("[data-none]");
    none.hidden = Boolean(shown.length);
    none.textContent = chosen.length ? "No row to show: what was found lies within the noise, or has another direction."
      : "No series that fits has a level at both commits.";
  }

  function line(row, several) {
    const { series } = row, made = make("tr"), head = make("th");
    const link = make("a", "", series.name), sub = make("span", "sub");
    const was = make("td", "num last", human(row.was, series.unit));
    const is = make("td", "num last to", human(row.is, series.unit));
    const change = make("td", "num delta"), noise = make("td", "num noise", units(row));
    made.setAttribute("role", "row");
    head.scope = "row";
    head.setAttribute("role", "rowheader");
    for (const cell of [was, is, change, noise]) cell.setAttribute("role", "cell");
    link.href = trend(series);
    if (series.variant) sub.append(make("span", "variant", series.variant), " ");
    if (series.metric !== "time") sub.append(make("span", "metric", series.metric), " ");
    if (several) sub.append(make("span", "env", series.axis.label), " ");
    if (row.machine) sub.append(make("span", "env", row.machine), " ");
    head.append(link);
    if (sub.childNodes.length) head.append(sub);
    change.append(figure(percent(row.change), row.word, row.worse, !row.change || !beyond(row)));
    if (row.suspected) noise.append(" ", make("span", "sub", "suspected"));
    made.append(head, was, is, change, noise);
    return made;
  }

  // A change in units of the noise: 4.2 σ, and words where there is no such number.
  function units({ series, sigmas }) {
    if (series.exact || sigmas === Infinity) return series.exact ? "exact" : "not known";
    return sigmas < 9.95 ? `${fixed(sigmas, 1)} σ` : `${count(Math.round(sigmas))} σ`;
  }

  // The page of a benchmark, from the earlier commit to the later one.
  function trend(series) {
    const [first, last] = [from, to].sort((a, b) => a.number - b.number).map(short);
    const asked = new URLSearchParams(from === to ? {} : { from: first, to: last });
    if (series.variant) asked.set("s", series.variant);
    if (known.axes.length > 1) asked.set("env", series.axis.section);
    return `b/${series.file}.html#${asked}`;
  }

  function save(kind) {
    const digits = (value, exact) => exact || !Number.isFinite(value) ? value : Number(value.toPrecision(4));
    const table = shown.map(({ series, was, is, change, sigmas, suspected, machine }) => ({
      benchmark: series.name, variant: series.variant, metric: series.metric, unit: series.unit,
      environment: series.axis.label, machine, base: digits(was, series.exact), new: digits(is, series.exact),
      change: Number.isFinite(change) ? Number(change.toFixed(5)) : null,
      sigmas: Number.isFinite(sigmas) ? Number(sigmas.toFixed(2)) : null, suspected,
    }));
    const quoted = text => /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
    const cell = value => quoted(String(value ?? ""));
    const both = { base: from.sha, new: to.sha };
    const text = kind === "json" ? JSON.stringify({ ...both, series: table }, null, 1)
      : [Object.keys(table[0]), ...table.map(Object.values)].map(row => row.map(cell).join(",")).join("\r\n") + "\r\n";
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([text], { type: kind === "json" ? "application/json" : "text/csv" }));
    link.download = `compare-${short(from)}-${short(to)}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function make(tag, style = "", text = "") {
    const made = document.createElement(tag);
    if (style) made.className = style;
    if (text) made.textContent = text;
    return made;
  }
})();
