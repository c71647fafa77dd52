// Builds everything in src/tocsin/web/static that is not written by hand: css/, vendor/, fonts/, icons.svg, LICENSES.txt.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const modules = "node_modules";
const out = "../src/tocsin/web/static";
for (const folder of ["css", "vendor", "fonts"]) mkdirSync(join(out, folder), { recursive: true });

execFileSync(join(modules, ".bin/tailwindcss"), ["-i", "styles/tocsin.css", "-o", join(out, "css/tocsin.css"), "--minify"], {
  stdio: "inherit",
});

const copies = {
  "htmx.org/dist/htmx.min.js": "vendor/htmx.min.js",
  "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "fonts/inter-latin.woff2",
  "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "fonts/inter-latin-ext.woff2",
  "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2": "fonts/jetbrains-mono-latin.woff2",
};
for (const [from, to] of Object.entries(copies)) copyFileSync(join(modules, from), join(out, to));

// Charts: the few kinds that pages draw, on a canvas (it sets no style attribute, so the strict CSP stands).
execFileSync(
  join(modules, ".bin/esbuild"),
  ["charts/echarts.mjs", "--bundle", "--minify", "--format=iife", "--legal-comments=none", "--define:process.env.NODE_ENV=\"production\"", `--outfile=${join(out, "vendor/echarts.min.js")}`],
  { stdio: "inherit" },
);

// Severity has its own shapes, told apart without colour; the rest are lucide's outlines.
const severities = `
<symbol id="sev1" viewBox="0 0 16 16"><path fill="currentColor" d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z"/></symbol>
<symbol id="sev2" viewBox="0 0 16 16"><path fill="currentColor" d="M8 .6 15.4 8 8 15.4.6 8z"/></symbol>
<symbol id="sev3" viewBox="0 0 16 16"><circle fill="currentColor" cx="8" cy="8" r="5"/></symbol>
<symbol id="sev4" viewBox="0 0 16 16"><circle fill="none" stroke="currentColor" stroke-width="2" cx="8" cy="8" r="4.4"/></symbol>
<symbol id="mark" viewBox="0 0 24 24"><path fill="currentColor" d="M4 19h16v2.5H4zM6.5 12.5h11V15h-11zM9 6h6v2.5H9z"/><path fill="currentColor" d="M11 1.5h2V5h-2z"/></symbol>`;
const icons = {
  inbox: "inbox", mine: "user-round", unassigned: "circle-dashed", breach: "timer", escalated: "trending-up", waiting: "pause",
  all: "list", done: "check", policies: "list-tree", people: "users-round", team: "users", bell: "bell", settings: "settings-2",
  mail: "mail", search: "search", menu: "menu", close: "x", plus: "plus", sun: "sun", moon: "moon", "sign-out": "log-out",
  reply: "reply", note: "sticky-note", take: "hand", "hand-over": "arrow-right-left", escalate: "chevrons-up", link: "link-2",
  clock: "clock", status: "circle-dot", alert: "triangle-alert", info: "info", page: "bell-ring", person: "user-round",
  undo: "undo-2", lock: "lock", history: "history", right: "chevron-right", left: "chevron-left", down: "chevron-down",
  review: "clipboard-check",
  external: "arrow-up-right", pause: "pause", play: "play", wrench: "wrench", learn: "graduation-cap", proof: "file-check", edit: "pencil", density: "rows-3",
  keyboard: "keyboard", empty: "coffee", phone: "phone", clip: "paperclip", download: "download", building: "building-2", zap: "zap", stop: "octagon-x", severity: "signal", up: "arrow-up", shield: "shield-check", schedule: "calendar-clock", load: "chart-no-axes-column",
  pin: "pin", decision: "gavel", command: "flag",
  star: "star",
  listen: "ear", signal: "activity",
  problem: "repeat",
  risk: "radar",
  insights: "chart-line", target: "target", wall: "monitor", table: "table-2",
  replay: "rewind", eye: "eye",
};
const symbols = Object.entries(icons).map(([id, file]) => {
  const svg = readFileSync(join(modules, "lucide-static/icons", `${file}.svg`), "utf8");
  const inner = svg.replace(/<!--.*?-->/s, "").replace(/<svg[^>]*>/s, "").replace("</svg>", "").replace(/\s+/g, " ").trim();
  return `<symbol id="${id}" viewBox="0 0 24 24" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
});
writeFileSync(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${severities}\n${symbols.join("\n")}\n</svg>\n`);

const licences = [
  ["htmx 2 (vendor/htmx.min.js)", "htmx.org/LICENSE"],
  ["Apache ECharts 6, a part of it (vendor/echarts.min.js)", "echarts/LICENSE"],
  ["Apache ECharts 6, notice", "echarts/NOTICE"],
  ["ZRender (in vendor/echarts.min.js)", "zrender/LICENSE"],
  ["daisyUI 5 (in css/tocsin.css)", "daisyui/LICENSE"],
  ["Tailwind CSS 4 (in css/tocsin.css)", "tailwindcss/LICENSE"],
  ["Lucide (icons.svg, all but the severity shapes and the mark)", "lucide-static/LICENSE"],
  ["Inter (fonts/inter-*.woff2)", "@fontsource-variable/inter/LICENSE"],
  ["JetBrains Mono (fonts/jetbrains-mono-*.woff2)", "@fontsource-variable/jetbrains-mono/LICENSE"],
];
const texts = licences.map(([name, file]) => `${name}\n${"-".repeat(name.length)}\n${readFileSync(join(modules, file), "utf8").trim()}`);
writeFileSync(join(out, "LICENSES.txt"), `Parts of other people in this folder.\n\n${texts.join("\n\n")}\n`);
