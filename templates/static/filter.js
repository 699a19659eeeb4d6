// What the overview and the page of changes share: a bar of fields and buttons whose state stands in the address after
// '#', so that what one sees can be sent to a colleague. Every field of the bar has a name; buttons of one name add up.
// A classic script, as module scripts do not load from disk.
(() => {
  "use strict";
  const root = document.documentElement;
  const opened = new WeakSet();
  window.finder = { start, words, unfold, ready };

  // The second frame begins when the first has been laid out and painted.
  function ready() {
    requestAnimationFrame(() => requestAnimationFrame(() => { root.dataset.ready = "1"; }));
  }

  // The words that a text has to hold, all of them.
  function words(text) {
    return text.toLowerCase().split(/\s+/).filter(Boolean);
  }

  // What was found is not to lie in a folded section; what this unfolded is folded again afterwards.
  function unfold(fold, wanted) {
    if (wanted && !fold.open) { fold.open = true; opened.add(fold); }
    else if (!wanted && opened.delete(fold)) fold.open = false;
  }

  // `show(state)` shows what fits and says how many of how many. `others` are further parts of the state, each with
  // what it may be; `place(id)` is told of an address that is a place on the page. Returns the state, and `apply` for
  // those who change it.
  function start(tools, show, others = {}, place = () => {}) {
    const search = tools.querySelector("[data-filter]");
    const shown = tools.querySelector("[data-shown]");
    const reset = tools.querySelector("[data-reset]");
    const fields = [...tools.querySelectorAll("input[name], select[name]")];
    const chips = [...tools.querySelectorAll("button[name]")];
    const state = {};

    addEventListener("hashchange", follow);
    addEventListener("keydown", keys);
    for (const field of fields) field.addEventListener("input", () => { state[field.name] = field.value; apply(); });
    for (const chip of chips) chip.addEventListener("click", () => {
      const on = state[chip.name];
      state[chip.name] = on.includes(chip.value) ? on.filter(value => value !== chip.value) : [...on, chip.value];
      apply();
    });
    reset.addEventListener("click", event => {
      event.preventDefault();
      clear();
      search.focus();
    });
    restore(new URLSearchParams());
    tools.hidden = false;
    for (const each of document.querySelectorAll("[data-plain]")) each.hidden = true;
    return { state, apply, clear, follow };

    // Follows the address. One without '=' is a place on the page and says nothing of what is shown.
    function follow() {
      const hash = location.hash.slice(1);
      if (!hash || hash.includes("=")) {
        restore(new URLSearchParams(hash));
        apply(false);
      } else place(hash);
    }

    function restore(asked) {
      for (const field of fields) {
        field.value = asked.get(field.name) || "";
        if (field.selectedIndex < 0) field.value = "";  // nothing that can be chosen
        state[field.name] = field.value;
      }
      for (const chip of chips) {
        const values = (asked.get(chip.name) || "").split(",");
        state[chip.name] = chips.filter(c => c.name === chip.name && values.includes(c.value)).map(c => c.value);
      }
      for (const name of Object.keys(others)) {
        const value = asked.get(name) || "";
        state[name] = others[name](value) ? value : "";
      }
    }

    function clear(write = true) {
      restore(new URLSearchParams());
      apply(write);
    }

    function apply(write = true) {
      const [count, total] = show(state);
      for (const field of fields) if (field.value !== state[field.name]) field.value = state[field.name];
      for (const chip of chips) {
        const on = state[chip.name].includes(chip.value);
        chip.setAttribute("aria-pressed", String(on));
        chip.hidden = !on && chip.hasAttribute("data-empty");
      }
      const text = `${count.toLocaleString("en")} of ${total.toLocaleString("en")} shown`;
      if (shown.textContent !== text) shown.textContent = text;
      reset.hidden = !Object.values(state).some(value => value.length);
      root.dataset.filtered = state.q;
      if (write) keep();
    }

    function keep() {
      const kept = new URLSearchParams();
      for (const [name, value] of Object.entries(state)) if (String(value).trim()) kept.set(name, String(value).trim());
      const hash = kept.toString().replace(/%2C/g, ",");
      // Nothing depends on it, and a browser may refuse too many in a short time.
      try { history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search); } catch { /* kept */ }
    }

    function keys(event) {
      const typing = event.target instanceof Element && event.target.closest("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        search.focus();
        search.select();
      } else if (event.key === "Escape" && event.target === search) {
        event.preventDefault();
        if (state.q) { state.q = ""; apply(); } else search.blur();
      }
    }
  }
})();
