// Draws the charts of insights from the data beside each: lines, bars, Pareto, flow. Every mark leads to its rows.
// On a canvas, coloured by the page's own colours, so that light, dark and the strict CSP all hold.
(() => {
  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return { ink: of("--ink") || of("--color-base-content"), quiet: of("--quiet"), line: of("--line"), strong: of("--line-strong"), canvas: of("--canvas") || of("--color-base-100"),
      accent: of("--accent"), risk: of("--risk"), field: of("--field"), sans: getComputedStyle(document.body).fontFamily };
  };
  const spoken = (value) => (Math.round(value * 10) / 10).toLocaleString(document.documentElement.lang || "en");
  const short = (value, unit) => {
    if (unit === "share") return `${spoken(value * 100)} %`;
    if (unit !== "time") return value.toLocaleString(document.documentElement.lang || "en");
    if (value >= 172800) return `${spoken(value / 86400)} d`;
    if (value >= 3600) return `${spoken(value / 3600)} h`;
    return value >= 60 || !value ? `${Math.round(value / 60)} m` : `${value} s`;
  };
  // Lengths of time are marked at whole minutes, hours and days, at most six times.
  const steps = [10, 60, 300, 600, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800, 1209600, 2419200, 7257600];
  const shares = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8];
  const marked = (data) => {
    if (data.unit !== "time") return {};
    const top = Math.max(60, data.goal || 0, ...data.series.flatMap((one) => one.values.filter((value) => value !== null)));
    const interval = steps.find((step) => top / step <= 6) || steps.at(-1) * Math.ceil(top / steps.at(-1) / 6);
    return { interval, max: Math.ceil(top / interval) * interval };
  };
  const axis = (look, more) => ({
    axisLine: { lineStyle: { color: look.line } }, axisTick: { show: false }, splitLine: { lineStyle: { color: look.line } },
    axisLabel: { color: look.quiet, fontSize: 12, hideOverlap: true, ...more?.axisLabel }, ...Object.fromEntries(Object.entries(more || {}).filter(([key]) => key !== "axisLabel")),
  });
  const frame = (look) => ({
    textStyle: { fontFamily: look.sans, color: look.ink }, animation: false, aria: { enabled: false },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: look.canvas, borderColor: look.line, textStyle: { color: look.ink, fontSize: 12 } },
    legend: { top: 0, left: 0, itemWidth: 16, itemHeight: 8, textStyle: { color: look.quiet, fontSize: 12 }, inactiveColor: look.line },
  });
  const told = (data) => (marks) => {
    const place = marks[0].dataIndex;
    const rows = data.series.map((one) => `${one.name}: ${one.texts[place]}`);
    if (data.counts) rows.push(`n = ${short(data.counts[place], "count")}`);
    return [data.labels[place], ...rows].join("\n");
  };
  // Stacked parts differ in lightness, not only in hue, so that they can be told apart in grey.
  const shades = (look) => [look.ink, look.accent, look.field, look.strong];

  const trend = (data, look) => ({
    ...frame(look), tooltip: { ...frame(look).tooltip, formatter: told(data) },
    legend: data.series.length > 1 ? { ...frame(look).legend, data: data.series.map((one) => one.name) } : undefined,
    grid: [{ left: 56, right: 16, top: 32, bottom: 84 }, { left: 56, right: 16, height: 32, bottom: 28 }],
    xAxis: [
      axis(look, { type: "category", data: data.labels, axisLabel: { show: false } }),
      axis(look, { type: "category", data: data.labels, gridIndex: 1 }),
    ],
    yAxis: [
      axis(look, { type: "value", min: 0, max: data.unit === "share" ? (top) => shares.find((share) => share >= Math.max(top.max, data.goal || 0) * 1.05) || 1 : undefined, ...marked(data), axisLabel: { formatter: (value) => short(value, data.unit) } }),
      axis(look, { type: "value", gridIndex: 1, splitNumber: 1, name: "n", nameLocation: "middle", nameRotate: 0, nameGap: 36, nameTextStyle: { color: look.quiet }, axisLabel: { show: false }, splitLine: { show: false } }),
    ],
    series: [
      ...data.series.map((one, place) => ({
        name: one.name, type: "line", data: one.values, symbolSize: 6, color: place ? look.quiet : look.accent, connectNulls: false,
        lineStyle: { width: 2, type: one.dashed ? "dashed" : "solid" },
        markLine: place || data.goal === null ? undefined : { silent: true, symbol: "none", data: [{ yAxis: data.goal }], lineStyle: { color: look.ink, type: "dotted" }, label: { formatter: data.goalText, position: "insideEndTop", color: look.ink } },
      })),
      { name: "n", type: "bar", xAxisIndex: 1, yAxisIndex: 1, data: data.counts, color: look.field, barMaxWidth: 16 },
    ],
  });
  const bars = (data, look, wide) => ({
    ...frame(look), tooltip: { ...frame(look).tooltip, formatter: told(data) },
    legend: data.series.length > 1 ? frame(look).legend : undefined,
    grid: { left: 52, right: 16, top: data.marks?.length ? 40 : 32, bottom: 32 },
    xAxis: axis(look, { type: "category", data: data.labels, axisLabel: { interval: 0, fontSize: 11, lineHeight: 13, width: Math.max(40, (wide - 68) / data.labels.length - 8), overflow: "break" } }),
    yAxis: axis(look, { type: "value", minInterval: 1, axisLabel: { formatter: (value) => short(value, "count") } }),
    series: data.series.map((one, place) => ({
      name: one.name, type: "bar", stack: one.stack ? "all" : undefined, data: one.values, barMaxWidth: 48,
      color: data.series.length > 1 ? shades(look)[place] : look.accent,
      markLine: place || !data.marks?.length ? undefined : { silent: true, symbol: "none", lineStyle: { color: look.ink, type: "dotted" },
        data: data.marks.map((mark, n) => ({ xAxis: mark.at, label: { formatter: mark.text, color: look.ink, position: "end", distance: n ? [0, 18] : [0, 2] } })) },
    })),
  });
  const pareto = (data, look, wide) => ({
    ...frame(look), tooltip: { ...frame(look).tooltip, formatter: told(data) },
    grid: { left: 52, right: 52, top: 32, bottom: 48 },
    xAxis: axis(look, { type: "category", data: data.labels, axisLabel: { interval: 0, fontSize: 11, lineHeight: 13, width: Math.min(96, Math.max(40, (wide - 104) / data.labels.length - 8)), overflow: "break" } }),
    yAxis: [axis(look, { type: "value", minInterval: 1, axisLabel: { formatter: (value) => short(value, "count") } }), axis(look, { type: "value", min: 0, max: 1, splitLine: { show: false }, axisLabel: { formatter: (value) => short(value, "share") } })],
    series: [
      { name: data.series[0].name, type: "bar", data: data.series[0].values, color: look.accent, barMaxWidth: 48 },
      { name: data.series[1].name, type: "line", yAxisIndex: 1, data: data.series[1].values, color: look.quiet, symbolSize: 5 },
    ],
  });
  const flow = (data, look) => ({
    ...frame(look), legend: undefined, tooltip: { ...frame(look).tooltip, trigger: "item" },
    series: [{
      type: "sankey", left: 4, right: 150, top: 8, bottom: 8, nodeGap: 12, nodeWidth: 8, draggable: false, layoutIterations: 32,
      data: [...new Set(data.links.flatMap((one) => [one.from, one.to]))].map((name) => ({ name })),
      links: data.links.map((one) => ({ source: one.from, target: one.to, value: one.value })),
      itemStyle: { color: look.quiet, borderWidth: 0 }, lineStyle: { color: look.accent, opacity: 0.28 },
      label: { color: look.ink, fontSize: 12, width: 140, overflow: "truncate" }, emphasis: { focus: "adjacency" },
    }],
  });
  const kinds = { trend, bars, pareto, flow };

  const draw = (figure) => {
    const data = JSON.parse(document.getElementById(figure.dataset.chart)?.textContent || "{}");
    const place = figure.querySelector(".in-canvas");
    if (!place || !kinds[data.kind] || !window.echarts) return;
    const chart = figure.chart || (figure.chart = window.echarts.init(place, null, { renderer: "canvas" }));
    chart.setOption(kinds[data.kind](data, colours(), place.clientWidth), { notMerge: true });
    if (figure.drawn) return;
    figure.drawn = true;
    chart.on("click", (mark) => {
      const href = data.kind === "flow" ? data.links[mark.dataType === "edge" ? mark.dataIndex : -1]?.href : data.hrefs[mark.dataIndex];
      if (href) window.location.href = href;
    });
    new ResizeObserver(() => chart.resize()).observe(place);
  };
  const all = () => document.querySelectorAll("[data-chart]").forEach(draw);
  all();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  new MutationObserver(all).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
