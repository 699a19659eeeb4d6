// The data of a panel as a file: CSV with a column for each variant, or JSON. Part of the trend's second script.
(() => {
  "use strict";
  const R = window.regress, T = R.trend;

  // A text that begins as a formula would be one in a spreadsheet; a number is one anyway.
  const field = text => {
    const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  // Rounded values have no more digits than they can tell.
  const figure = (value, kind) => !Number.isFinite(value) ? null : Number(value.toPrecision(kind === "noisy" ? 5 : 15));

  function rows(panel) {
    const { axis, commits } = panel, tags = Array.from({ length: axis.n }, () => []);
    for (const [place, tag] of axis.tags) tags[place].push(tag);
    return Array.from({ length: axis.n }, (_, place) => ({
      commit: commits.sha[place], date: new Date(axis.minutes[place] * 6e4).toISOString().replace(":00.000Z", "Z"), tags: tags[place],
    }));
  }

  function csv(panel) {
    const { data, lines } = panel, heads = lines.map(line => `${line.v || data.metric} (${data.unit})`);
    const text = [["commit", "date", "tags", ...heads].map(field).join()];
    rows(panel).forEach(({ commit, date, tags }, place) => {
      if (lines.some(line => Number.isFinite(line.values[place]))) {
        text.push([commit, date, tags.join("; ")].map(field).concat(lines.map(line => figure(line.values[place], data.kind) ?? "")).join());
      }
    });
    return `${text.join("\n")}\n`;
  }

  function json(panel) {
    const { data, page, lines } = panel;
    return JSON.stringify({
      benchmark: page.name, suite: page.suite, environment: page.axes[data.axis].label, metric: data.metric, unit: data.unit,
      direction: data.direction, note: data.kind === "noisy" ? "values are rounded to 0.1 %" : "", parameters: data.params, commits: rows(panel),
      series: lines.map(line => ({
        variant: line.v, parameters: line.p.map((value, i) => value < 0 ? null : data.values[i][value]), noise: line.noise ?? null,
        values: Array.from(line.values, value => figure(value, data.kind)),
      })),
    }, null, 1) + "\n";
  }

  T.save = (panel, kind) => {
    const text = kind === "csv" ? csv(panel) : json(panel), name = `${panel.page.name}.${panel.data.metric}`.replace(/[^\w.-]+/g, "_").slice(0, 80);
    const link = T.element("a", { href: URL.createObjectURL(new Blob([text], { type: kind === "csv" ? "text/csv" : "application/json" })), download: `${name}.${kind}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
})();
