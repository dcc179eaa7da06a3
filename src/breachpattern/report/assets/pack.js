"use strict";
// Search, filter and sort of the worklist; mounting, moving and saving of a timeline. Everything works without it as a static page.

function worklist(table) {
  const rows = [...table.tBodies[0].rows];
  const form = document.getElementById("filters");
  const search = document.getElementById("search");
  const selects = [...form.querySelectorAll("select")];
  const shown = document.getElementById("shown");
  const order = ["critical", "high", "medium", "low", "informational"];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  function filter() {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits =
        asked.every((word) => texts.get(row).includes(word)) &&
        selects.every((s) => !s.value || JSON.parse(row.dataset[s.dataset.field]).includes(s.value));
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${rows.length} findings shown.`;
  }

  const heads = [...table.tHead.rows[0].cells];
  const value = {
    number: (cell) => Number(cell.textContent),
    level: (cell) => order.indexOf(cell.textContent.trim()),
    text: (cell) => cell.dataset.value || cell.textContent.trim().toLowerCase(),
  };
  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const of = value[head.dataset.sort];
      const keyed = rows.map((row) => [of(row.cells[place]), row]);
      keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1));
      table.tBodies[0].append(...keyed.map(([, row]) => row));
    });
  });
  search.addEventListener("input", filter);
  selects.forEach((select) => select.addEventListener("change", filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  form.hidden = false;
}

async function timeline(figure) {
  const data = JSON.parse(figure.querySelector(".chart-data").textContent);
  const place = figure.querySelector(".chart");
  const spec = structuredClone(window.timelineChart);
  data.layers.forEach((values, i) => {
    spec.layer[i].data = { values };
    if (spec.layer[i].encoding.y) spec.layer[i].encoding.y.scale.domain = data.lanes;
  });
  spec.layer = spec.layer.filter((layer) => layer.data.values.length);
  spec.height = 30 * Math.max(data.lanes.length, 1);
  place.hidden = false;
  const { view } = await window.vegaEmbed(place, spec, {
    ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true },
  });
  // One picture with one name: what is in it, the tables on the page tell.
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", figure.querySelector("svg.picture title").textContent);
  place.querySelector("svg").setAttribute("aria-hidden", "true");
  figure.querySelector(".static").hidden = true;
  const tools = figure.querySelector(".tools");
  tools.hidden = false;
  const all = view.scale("x").domain().map(Number);

  tools.addEventListener("click", async (event) => {
    const { move, save } = event.target.dataset;
    const [from, to] = view.scale("x").domain().map(Number);
    const width = to - from;
    const moves = {
      in: [from + width / 4, to - width / 4], out: [from - width / 2, to + width / 2],
      back: [from - width / 4, to - width / 4], on: [from + width / 4, to + width / 4], all,
    };
    if (moves[move]) view.signal("zoom_at", moves[move]).runAsync();
    if (save) {
      const link = document.createElement("a");
      link.href = await view.toImageURL(save, 2);
      link.download = `${document.querySelector("main").dataset.name || "timeline"}.${save}`;
      link.click();
    }
  });
}

const table = document.getElementById("findings");
if (table) worklist(table);
document.querySelectorAll("figure.timeline").forEach((figure) => timeline(figure));
