// Draws every figure of a page: a template from eventlabFigures, the page's own rows.
// A file that holds many pages calls it with the element of each page that it shows.
window.eventlabDraw = function (root) {
  "use strict";
  const element = root.querySelector("#figure-rows");
  const rows = element ? JSON.parse(element.textContent) : {};
  const figures = [...root.querySelectorAll("[data-figure]")];
  const simulated = document.documentElement.dataset.simulated === "yes";
  if (!window.vegaEmbed || !window.eventlabFigures) {
    for (const figure of figures) {
      figure.textContent =
        "This picture needs the folder assets/ beside the page; the tables hold the same numbers.";
    }
    return;
  }

  // The templates write percent; logs of ratios are no percentages.
  const logs = document.documentElement.dataset.unit === "log";
  function inUnit(template) {
    return logs ? JSON.parse(JSON.stringify(template).replace(/\+\.[12]%/g, "+.2f")) : template;
  }

  const config = window.eventlabConfig;

  function draw(figure) {
    const template = inUnit(window.eventlabFigures[figure.dataset.figure]);
    const own = rows[figure.dataset.rows || figure.dataset.figure];
    let data = figure.dataset.name ? own[figure.dataset.name] : own;
    const tag = document.getElementById("tag");
    if (tag && figure.dataset.figure === "paths") {
      data = data.filter((row) => row.tag === tag.value);
    }
    let title = figure.dataset.title || "";
    const subtitle = simulated ? ["SIMULATED PRICES"] : [];
    if (figure.dataset.figure === "paths") {
      title += ", n = " + Math.max(0, ...data.map((row) => row.n));
      if (data.every((row) => row.low === null)) subtitle.push("no placebo band");
    }
    const spec = Object.assign({}, template, {
      datasets: Object.assign({}, template.datasets, { rows: data }),
      description: figure.getAttribute("aria-label"),
    });
    if (title || subtitle.length) spec.title = { text: title, subtitle: subtitle };
    const options = {
      mode: "vega-lite", renderer: "svg", config: config,
      actions: { export: { svg: true, png: true }, source: false, compiled: false, editor: false },
      downloadFileName: (figure.dataset.name || figure.dataset.figure).replace(/\W+/g, "-"),
    };
    window.vegaEmbed(figure, spec, options).catch(function (error) {
      figure.textContent = "This picture could not be drawn: " + error.message;
    });
  }

  figures.forEach(draw);
  const tag = document.getElementById("tag");
  if (tag) {
    tag.addEventListener("change", function () {
      figures.filter((figure) => figure.dataset.figure === "paths").forEach(draw);
    });
  }
  for (const button of root.querySelectorAll("button[aria-controls]")) {
    button.addEventListener("click", function () {
      const folded = document.getElementById(button.getAttribute("aria-controls"));
      button.setAttribute("aria-expanded", String(!folded.classList.toggle("folded")));
    });
  }
};

// What is folded on the screen is needed on paper.
window.addEventListener("beforeprint", function () {
  for (const folded of document.querySelectorAll("details[data-print]")) folded.open = true;
});
if (!document.querySelector("template[data-page]")) window.eventlabDraw(document);
