// Keeps shown times true between two answers of the server: countdowns, SLA clocks that run now, relative times.
(() => {
  const pad = (n) => String(n).padStart(2, "0");
  const size = (seconds) => {
    const s = Math.floor(Math.abs(seconds));
    const sign = seconds < 0 ? "-" : "";
    if (s < 60) return `${sign}${s} s`;
    if (s < 3600) return `${sign}${Math.floor(s / 60)} m`;
    const [big, unit, small, smallUnit] =
      s < 86400
        ? [Math.floor(s / 3600), "h", Math.floor((s % 3600) / 60), "m"]
        : [Math.floor(s / 86400), "d", Math.floor((s % 86400) / 3600), "h"];
    return sign + (small && big < 10 ? `${big} ${unit} ${small} ${smallUnit}` : `${big} ${unit}`);
  };
  const left = (seconds) => {
    // Business time is told in hours, never in days (words.py).
    if (Math.abs(seconds) >= 86400) return `${seconds < 0 ? "-" : ""}${Math.floor(Math.abs(seconds) / 3600)} h`;
    if (seconds < 0 || seconds >= 300) return size(seconds);
    const s = Math.floor(seconds);
    return s >= 60 ? `${Math.floor(s / 60)} m ${pad(s % 60)} s` : `${s} s`;
  };
  const ago = (seconds) => {
    const s = Math.floor(Math.abs(seconds));
    if (s < 10) return say("now");
    const text = s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} m` : s < 86400 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} d`;
    return seconds > 0 ? say("in {1}", text) : say("{1} ago", text);
  };
  // The server's clock is the truth: a machine that is minutes off still shows the right figures.
  const offset = () => Number(document.documentElement.dataset.skew || 0);
  const put = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const tick = () => {
    const now = Date.now() + offset();
    for (const e of document.querySelectorAll("[data-countdown]")) {
      const seconds = (Date.parse(e.dateTime) - now) / 1000;
      put(e, seconds <= 0 ? say("now") : `${e.dataset.countdown} ${left(seconds)}`.trim());
    }
    for (const e of document.querySelectorAll("[data-clock]")) put(e, left((Date.parse(e.dataset.clock) - now) / 1000));
    for (const e of document.querySelectorAll("[data-when]")) put(e, ago((Date.parse(e.dateTime) - now) / 1000));
  };
  const skew = document.querySelector("meta[name=server-now]");
  if (skew) document.documentElement.dataset.skew = String(Date.parse(skew.content) - Date.now());
  setInterval(tick, 1000);
})();
