// What the scripts of the site share: the reader of its data files, and numbers for people.
// A data file is a classic script that calls one of these functions, as nothing else can be loaded from disk. Numbers are
// the text that `regress/site/wire.py` writes; units are those of `regress/units.py`, digit for digit (a test compares).
(() => {
  "use strict";
  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const MORE = "!#$%()*+,-./:;=?@[]^_{|}";
  const HOLE = 126, LAST = new Int8Array(127).fill(-1), NEXT = new Int8Array(127).fill(-1);
  [...DIGITS].forEach((c, i) => { LAST[c.charCodeAt(0)] = i; });
  [...MORE].forEach((c, i) => { NEXT[c.charCodeAt(0)] = i; });
  const top = new URL("..", document.currentScript.src).href;
  const files = new Map(), asked = new Map();

  // Calls `at(place, number)` for each number of a text; a hole moves the place on. Numbers are differences.
  function read(text, first, at) {
    let place = first, last = 0, sum = 0, power = 1, hole = false;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === HOLE) { hole = true; continue; }
      if (LAST[code] < 0) { sum += NEXT[code] * power; power *= 24; continue; }
      const number = sum + LAST[code] * power;
      sum = 0; power = 1;
      if (hole) { place += number + 1; hole = false; continue; }
      last += number % 2 ? -(number + 1) / 2 : number / 2;
      at(place++, last);
    }
  }

  // The values of a column [first place, step, text] on an axis of `size` places; NaN where there is none.
  function column([first, step, text], size) {
    const values = new Float64Array(size).fill(NaN);
    read(text, first, (place, q) => { if (place < size) values[place] = step ? q * step : Math.pow(1.001, q); });
    return values;
  }

  // The minutes since 1970 of each place of an axis.
  function times(axis) {
    const found = new Float64Array(axis.n).fill(axis.start);
    // Each number is the difference to the place before; `read` has added them up.
    read(axis.times, 1, (place, sum) => { if (place < axis.n) found[place] = axis.start + sum; });
    return found;
  }

  // Loads a data file of the site once; the promise holds what it brought.
  function load(name) {
    if (files.has(name)) return Promise.resolve(files.get(name));
    if (!asked.has(name)) asked.set(name, new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = top + name;
      script.onload = () => { files.has(name) ? done(files.get(name)) : failed(new Error(name)); };
      script.onerror = () => { asked.delete(name); failed(new Error(name)); };
      document.head.append(script);
    }));
    return asked.get(name);
  }

  const LADDERS = {
    s: [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]],
    B: [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]],
    "1/s": [[1e9, "G/s"], [1e6, "M/s"], [1e3, "k/s"], [1, "/s"]],
  };

  // The scale [factor, label] in which a value has one to three digits before the point.
  function scale(value, unit) {
    const ladder = Object.hasOwn(LADDERS, unit) ? LADDERS[unit] : null;
    if (!ladder) return [1, unit === "1" ? "" : unit];
    if (!value) return [1, unit === "1/s" ? "/s" : unit];
    const [step, label] = ladder.find(([step]) => Math.abs(value) >= step * 0.9995) || ladder[ladder.length - 1];
    return [1 / step, label];
  }

  // A number as Python writes it: what lies exactly between two is rounded to the even one, not upwards.
  function rounded(value, digits, method) {
    const long = value[method](digits + 30), [mantissa, power] = long.split("e");
    const cut = mantissa.length - 30 - (digits ? 0 : 1);
    const tie = mantissa.slice(mantissa.length - 30) === "5" + "0".repeat(29);
    if (!tie || Number(mantissa[cut - 1]) % 2) return value[method](digits);
    return mantissa.slice(0, cut) + (power === undefined ? "" : "e" + power);
  }

  const fixed = (value, digits) => rounded(value, digits, "toFixed");
  const powers = (value, digits) => rounded(value, digits, "toExponential").replace(/e([+-])(\d)$/, "e$10$2");

  function significant(value, digits = 3) {
    if (value === 0 || !Number.isFinite(value)) return value === 0 ? "0" : "-";
    if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
    const whole = Number(powers(value, digits - 1).split("e")[1]) + 1;
    if (whole > 9 || whole < -5) return powers(value, digits - 1);
    return fixed(value, Math.max(digits - whole, 0));
  }

  function human(value, unit, digits = 3) {
    if (!Number.isFinite(value)) return "-";
    const [factor, label] = scale(value, unit);
    return `${significant(value * factor, digits)} ${label}`.trimEnd();
  }

  // A relative change with its sign: +12.3%, −3.1%, ~0%.
  function percent(ratio) {
    if (!Number.isFinite(ratio)) return ratio > 0 ? "+∞%" : "-";
    const shown = ratio * 100, size = Math.abs(shown);
    if (size < 0.05) return "~0%";
    return `${shown > 0 ? "+" : "−"}${fixed(size, size >= 99.95 ? 0 : 1)}%`;
  }

  const keep = (name, what) => files.set(name, what);
  window.regress = {
    page: null, benchmark(what) { window.regress.page = what; },
    axis: keep, commits: keep, pack: keep,
    load, column, times, scale, significant, human, percent, fixed,
    date: minutes => new Date(minutes * 6e4).toISOString().slice(0, 10),
  };
})();
