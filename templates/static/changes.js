// The page of changes: found by words, narrowed by status, direction, environment, size and time, all of it in the
// address:  #q=take&status=open,suspected&dir=regression&env=…&min=5&since=90d
// An address of one cause, #c-1f3a9c02, unfolds it. What is compared stands in data-* attributes, written when the site
// was built; without this script every cause is there, the older ones folded.
(() => {
  "use strict";
  const MOST_NAMES = 5;
  const tools = document.getElementById("tools");
  if (tools) start(tools);
  finder.ready();

  function start(tools) {
    const sections = [...document.querySelectorAll("main > section")].map(sectionOf);
    const total = sections.reduce((sum, section) => sum + section.groups.reduce((n, group) => n + group.items.length, 0), 0);
    const known = (tools.dataset.names || "").split("\n");
    const from = new Map([...tools.querySelectorAll("option[data-from]")].map(o => [o.value, o.dataset.from]));
    const bar = finder.start(tools, show, {}, unfold);
    bar.apply(false);
    if (location.hash) bar.follow();
    // Before the first word is typed, and after the page is there.
    (window.requestIdleCallback || setTimeout)(() => {
      for (const { groups } of sections) for (const group of groups) cardsOf(group).forEach(read);
    });

    function sectionOf(section) {
      const count = section.querySelector("h2 .count"), left = section.querySelectorAll(":scope > .left");
      const groups = [...section.querySelectorAll(":scope > ol, :scope > details")].map(group => ({
        group, fold: group.matches("details"), items: group.querySelectorAll(".cause, .old > li"), cards: null,
      }));
      return { section, count, left, all: count.textContent, groups };
    }

    // Causes are read when they are first asked for, not while the page is being shown.
    function cardsOf(group) {
      return group.cards = group.cards || [...group.items].map(cardOf);
    }

    function cardOf(card) {
      const { status, dir, size, date, env } = card.dataset;
      return { card, status, dir, size: Number(size || 0), date: date || "", env: (env || "").split(" "), shown: true };
    }

    // What a cause is found by: names, variants, subjects, people, hashes and what was said, not the words around them.
    // `seen` at once, `all` of the card, `whole` with the names that the card has no room for.
    function read(each) {
      if (each.whole !== undefined) return;
      each.names = (each.card.dataset.names || "").split(" ").filter(Boolean).map(place => known[place] || "");
      if (each.card.matches(".old > li")) return readLine(each);
      each.more = each.card.querySelector(":scope > details");
      const parts = [...each.card.querySelectorAll("h3, a, bdi, .hash, .variant, .metric, .env")];
      const text = chosen => chosen.map(part => part.textContent).join(" ").toLowerCase();
      each.seen = text(parts.filter(part => !each.more || !each.more.contains(part)));
      each.all = `${each.seen} ${text(parts.filter(part => each.more && each.more.contains(part)))}`;
      each.whole = `${each.all} ${each.names.join(" ").toLowerCase()}`;
    }

    // A line is its title, "+5.9% slower, 3 benchmarks · date", and after these what it is found by.
    function readLine(each) {
      const [title, ...rest] = each.card.childNodes;
      const said = rest.map(part => part.textContent).join("").split(" · ").slice(2).join(" ");
      const id = each.card.id.replace(/^c-/, "#");
      each.seen = each.all = `${title.textContent} ${said} ${id}`.toLowerCase();
      each.whole = `${each.all} ${each.names.join(" ").toLowerCase()}`;
    }

    function holds(each, words) {
      if (words.length) read(each);
      return words.every(word => each.whole.includes(word));
    }

    // Says why a cause was found, where that is not to be seen.
    function explain(each, words) {
      const hidden = words.filter(word => !each.seen.includes(word));
      const beyond = hidden.filter(word => !each.all.includes(word));
      if (each.more) finder.unfold(each.more, hidden.length > 0 && beyond.length === 0);
      const names = beyond.length ? each.names.filter(name => beyond.some(word => name.toLowerCase().includes(word))) : [];
      if (!names.length && !each.why) return;
      if (!each.why) each.card.append(each.why = Object.assign(document.createElement("p"), { className: "said muted" }));
      each.why.hidden = !names.length;
      const rest = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
      each.why.textContent = `Changed too: ${names.slice(0, MOST_NAMES).join(", ")}${rest}`;
    }

    function show({ q, status, dir, env, min, since }) {
      const words = finder.words(q), least = Number(min), first = from.get(since) || "";
      const narrowed = Boolean(words.length || status.length || dir.length || env || least > 0 || first);
      const fits = each => (!status.length || status.includes(each.status)) && (!dir.length || dir.includes(each.dir))
        && (!env || each.env.includes(env)) && each.size >= least && each.date >= first
        && holds(each, words);
      let count = 0;
      for (const { section, count: label, left, all, groups } of sections) {
        let here = 0;
        for (const part of groups) {
          const { group, fold } = part;
          let found = part.cards || narrowed ? 0 : part.items.length;
          for (const each of found ? [] : cardsOf(part)) {
            const fit = fits(each);
            if (fit) found++;
            if (fit !== each.shown) each.card.hidden = !(each.shown = fit);
            if (fit && each.whole !== undefined) explain(each, words);
          }
          group.hidden = found === 0;
          if (fold) finder.unfold(group, narrowed && found > 0);
          here += found;
        }
        section.hidden = here === 0;
        label.textContent = narrowed ? `${here.toLocaleString("en")} of ${all}` : all;
        for (const each of left) each.hidden = narrowed;
        count += here;
      }
      return [count, total];
    }

    // A place inside of what is folded, or of what was filtered away.
    function unfold(id) {
      const place = document.getElementById(id);
      if (!place) return;
      if (place.closest("[hidden]")) bar.clear(false);
      for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      const more = place.querySelector(":scope > details");
      if (more && place.matches(".cause")) more.open = true;
      // At once: a smooth way would aim at where it stood before all this was unfolded.
      place.scrollIntoView({ behavior: "instant" });
    }
  }
})();
