// Draws every figure of a page: a template from eventlabFigures, the page's own rows.
// A file that holds many pages calls it with the element of each page that it shows.
window.eventlabDraw = function (root) {
  "use strict";
  const element = root.querySelector("#figure-rows");
  const rows = element ? JSON.parse(element.textContent) : {};
  const figures = [...root.querySelectorAll("[data-figure]")];
  const tag = root.querySelector("#tag");
  const simulated = document.documentElement.dataset.simulated === "yes";
  const logs = document.documentElement.dataset.unit === "log";
  const looks = window.eventlabLooks;
  const together = {};
  const SAVED = 640; // the least width of a picture that leaves its page

  for (const opener of root.querySelectorAll("button[aria-controls]")) {
    opener.addEventListener("click", function () {
      const folded = document.getElementById(opener.getAttribute("aria-controls"));
      opener.setAttribute("aria-expanded", String(!folded.classList.toggle("folded")));
    });
  }
  if (!window.vegaEmbed || !window.eventlabFigures) {
    for (const figure of figures) {
      figure.textContent =
        "This picture needs the folder assets/ beside the page; the tables hold the same numbers.";
    }
    return;
  }

  function rowsOf(figure) {
    const own = rows[figure.dataset.rows || figure.dataset.figure];
    const data = figure.dataset.name ? own[figure.dataset.name] : own;
    const tagged = tag && figure.dataset.figure === "paths";
    return tagged ? data.filter((row) => row.tag === tag.value) : data;
  }

  function titleOf(figure, data) {
    const title = figure.dataset.title || "";
    if (figure.dataset.figure !== "paths") return title;
    const only = tag && tag.value !== "all" ? ", " + tag.value : "";
    return title + only + ", n = " + Math.max(0, ...data.map((row) => row.n));
  }

  // edits: pairs of what to change in the template's text and into what.
  function specOf(figure, edits) {
    let text = JSON.stringify(window.eventlabFigures[figure.dataset.figure]);
    // The templates write percent; logs of ratios are no percentages.
    if (logs) text = text.replace(/\+\.[12]%/g, "+.2f");
    for (const [what, by] of edits) text = text.replaceAll(what, by);
    const spec = JSON.parse(text);
    const data = rowsOf(figure);
    spec.datasets = Object.assign({}, spec.datasets, { rows: data });
    spec.description = figure.getAttribute("aria-label");
    const subtitle = simulated ? ["SIMULATED PRICES"] : [];
    if (figure.dataset.figure === "paths" && data.every((row) => row.low === null)) {
      subtitle.push("no placebo band");
    }
    const named = "named" in figure.dataset; // by a line of the page above it
    spec.title = { text: named ? "" : titleOf(figure, data), subtitle: subtitle };
    return spec;
  }

  async function show(place, spec, look, tooltip) {
    // A subtitle needs a title to stand below; by itself it takes its place.
    if (!spec.title.text && spec.title.subtitle.length) {
      const { subtitleColor: color, subtitleFontSize: fontSize } = look.title;
      spec.title = { text: spec.title.subtitle, color: color, fontSize: fontSize };
    } else if (!spec.title.text) delete spec.title;
    // Errors only: it warns of layers without rows and of heights by step, which are meant.
    const options = { mode: "vega-lite", renderer: "svg", config: look, actions: false, logLevel: 1 };
    if (tooltip) options.tooltip = { id: tooltip, styleId: tooltip + "-style" };
    const picture = await window.vegaEmbed(place, spec, options);
    // One image with a name, not hundreds of marks to be read aloud.
    place.querySelector("svg").setAttribute("aria-hidden", "true");
    return picture;
  }

  function draw(figure) {
    if (figure.eventlabView) figure.eventlabView.finalize();
    return show(figure, specOf(figure, []), looks.page).then(
      function (result) {
        figure.eventlabView = result.view;
        link(result.view);
      },
      function (error) {
        figure.textContent = "This picture could not be drawn: " + error.message;
      },
    );
  }

  // Pictures over the same time, or over the same specifications, zoom together.
  function link(view) {
    const [axis] = view.getState().signals.zoom_tuple_fields || [];
    if (!axis || axis.channel !== "x") return;
    const name = "zoom_" + axis.field;
    const others = (together[name] = together[name] || []);
    others.push(view);
    view.addSignalListener(name, function (_, range) {
      for (const other of others) {
        if (String(other.signal(name)) !== String(range)) other.signal(name, range).runAsync();
      }
    });
  }

  // Vega does not break lines.
  function broken(text, width) {
    const lines = [""];
    for (const word of text.trim().split(/\s+/)) {
      const last = lines[lines.length - 1];
      if (last && (last.length + word.length) * 7.5 > width) lines.push(word);
      else lines[lines.length - 1] = (last + " " + word).trim();
    }
    return lines;
  }

  // A picture that leaves its page stands alone: light, and named after its page as well.
  function alone(figure) {
    const spec = specOf(figure, [["currentColor", looks.ink]]);
    if (spec.width === "container") {
      spec.width = Math.max(SAVED, figure.clientWidth);
      if (typeof spec.height === "number") spec.height = Math.max(300, spec.height);
    }
    const heading = (figure.closest("main") || document).querySelector("h1");
    spec.title.text = [heading ? heading.textContent : document.title]
      .concat(titleOf(figure, rowsOf(figure)) || spec.description)
      .flatMap((line) => broken(line, spec.width));
    return show(document.createElement("div"), spec, looks.file);
  }

  async function save(figure, kind) {
    const picture = await alone(figure);
    const link = document.createElement("a");
    if (kind === "png") {
      link.href = await picture.view.toImageURL("png", 2);
    } else {
      const text = await picture.view.toSVG();
      link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    }
    picture.finalize();
    const page = document.location.pathname.split("/").pop().replace(/\.html$/, "");
    const names = [page, figure.dataset.figure, figure.dataset.name || ""].join(" ");
    link.download = names.replace(/\W+/g, "-").replace(/^-|-$/g, "") + "." + kind;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function button(text, label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  }

  function tools(...buttons) {
    const line = document.createElement("div");
    line.className = "tools";
    line.append(...buttons);
    return line;
  }

  function saving(figure) {
    const label = figure.getAttribute("aria-label");
    return [
      button("SVG", "SVG: " + label, () => save(figure, "svg")),
      button("PNG", "PNG: " + label, () => save(figure, "png")),
    ];
  }

  // On a page the wheel and the finger scroll, unless with Shift; in a picture that fills the
  // window nothing lies underneath.
  const FREE = [["wheel![event.shiftKey]", "wheel!"], ["pointerdown[event.shiftKey]", "pointerdown"]];

  async function enlarge(figure) {
    const dialog = document.createElement("dialog");
    dialog.className = "large";
    dialog.setAttribute("aria-label", figure.getAttribute("aria-label"));
    const line = tools(...saving(figure), button("Close", "Close", () => dialog.close()));
    const place = document.createElement("div");
    place.className = "plot";
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", figure.getAttribute("aria-label"));
    const tooltip = document.createElement("div"); // elsewhere it would lie under the dialog
    tooltip.id = "large-tooltip";
    tooltip.className = "vg-tooltip";
    dialog.append(line, place, tooltip);
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    const spec = specOf(figure, FREE);
    if (typeof spec.height === "number") larger(spec, place.clientWidth - 20);
    const picture = await show(place, spec, looks.page, tooltip.id);
    const [axis] = picture.view.getState().signals.zoom_tuple_fields || [];
    if (axis) line.prepend(...zooms(picture.view, axis));
    dialog.addEventListener("close", () => picture.finalize());
  }

  function larger(spec, width) {
    const height = Math.max(spec.height, Math.round(window.innerHeight * 0.6));
    if (spec.width === "container") {
      spec.height = height;
      return;
    }
    const scale = Math.max(1, Math.min(height / spec.height, width / spec.width));
    spec.width *= scale;
    spec.height *= scale;
  }

  // For fingers and keys: how wide the new range is and how far it moves, in old ranges.
  function zooms(view, axis) {
    const domain = () => view.scale(axis.channel).domain().map(Number);
    const across = axis.channel === "x";
    const go = (range) => view.signal("zoom_" + axis.field, range).runAsync();
    const step = (share, shift) => function () {
      const [low, high] = domain();
      const middle = (low + high) / 2 + shift * (high - low);
      const half = (share * (high - low)) / 2;
      go([middle - half, middle + half]);
    };
    return [
      button("+", "Zoom in", step(0.5, 0)),
      button("\u2212", "Zoom out", step(2, 0)),
      button(across ? "\u2190" : "\u2193", across ? "Move left" : "Move down", step(1, -0.25)),
      button(across ? "\u2192" : "\u2191", across ? "Move right" : "Move up", step(1, 0.25)),
      button("All", "All of it", () => go(null)),
    ];
  }

  for (const figure of figures) {
    const label = "Enlarge: " + figure.getAttribute("aria-label");
    const line = tools(button("Enlarge", label, () => enlarge(figure)), ...saving(figure));
    line.dataset.of = figure.dataset.figure;
    (figure.closest(".scroll") || figure).after(line);
  }
  if (tag) {
    tag.addEventListener("change", function () {
      figures.filter((figure) => figure.dataset.figure === "paths").forEach(draw);
    });
  }
  return Promise.all(figures.map(draw));
};

(function () {
  "use strict";
  const PRINTED = 688; // pixels between the margins of A4
  const ABREAST = (figure) => (figure.closest(".claims") ? 2 : figure.closest(".panels") ? 3 : 1);

  // The keyboard stops only where there is something to scroll to.
  function stops() {
    for (const region of document.querySelectorAll(".scroll")) {
      if (region.clientWidth === 0) continue; // folded: not known yet
      if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
      else region.removeAttribute("tabindex");
    }
  }
  window.addEventListener("resize", stops);
  stops();

  // Pictures fit their places; a place that was folded had no width.
  const fit = () => window.dispatchEvent(new Event("resize"));
  document.addEventListener("toggle", fit, true);

  // What is folded on the screen is needed on paper, and pictures as wide as the paper.
  window.addEventListener("beforeprint", function () {
    for (const folded of document.querySelectorAll("details[data-print]")) folded.open = true;
    for (const figure of document.querySelectorAll("[data-figure]")) {
      const view = figure.eventlabView;
      if (!view || window.eventlabFigures[figure.dataset.figure].width !== "container") continue;
      const many = ABREAST(figure);
      view.width(Math.floor(PRINTED / many) - (many > 1 ? 12 : 0)).run();
    }
  });
  window.addEventListener("afterprint", fit);
})();
if (!document.querySelector("template[data-page]")) window.eventlabDraw(document);
