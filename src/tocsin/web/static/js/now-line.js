// Moves the now line of a timeline, without asking the server.
(() => {
  const timelines = [...document.querySelectorAll("[data-timeline]")];
  const move = () => {
    for (const timeline of timelines) {
      const start = Date.parse(timeline.dataset.start);
      const share = (100 * (Date.now() - start)) / (Date.parse(timeline.dataset.end) - start);
      for (const line of timeline.querySelectorAll("[data-now]")) {
        const inside = share >= 0 && share <= 100;
        line.setAttribute("x1", `${inside ? share : -1}%`);
        line.setAttribute("x2", `${inside ? share : -1}%`);
      }
    }
  };
  for (const timeline of timelines) {
    const line = timeline.querySelector("[data-now]");
    const lanes = timeline.querySelector(".lanes");
    // A narrow screen shows a part only: begin a little before now.
    if (line && lanes) timeline.scrollLeft = (lanes.scrollWidth * parseFloat(line.getAttribute("x1"))) / 100 - 96;
  }
  setInterval(move, 30000);
})();
