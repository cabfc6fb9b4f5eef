// Shows one page of a file that holds many: the address after # names it, and a place in it after
// a colon. Pages lie in template elements; the first one is in the document from the beginning.
(function () {
  "use strict";
  const place = document.getElementById("page");
  const pages = new Map();
  const home = document.createElement("template");
  Object.assign(home.dataset, place.dataset);
  home.content.append(...place.cloneNode(true).childNodes);
  for (const page of [home, ...document.querySelectorAll("template[data-page]")]) {
    pages.set(page.dataset.page, page);
  }
  const tops = new Map(); // how far each page was scrolled, for the way back
  let shown = "";
  let followed = false;

  function open(name) {
    for (const figure of place.querySelectorAll("[data-figure]")) {
      if (figure.eventlabView) figure.eventlabView.finalize();
    }
    const page = pages.get(name);
    const { page: _, title, ...marks } = page.dataset;
    Object.assign(document.documentElement.dataset, marks);
    document.title = title;
    place.replaceChildren(document.importNode(page.content, true));
    window.eventlabDraw(place);
    shown = name;
  }

  function show() {
    const [name, anchor] = location.hash.slice(1).split(":");
    const wanted = pages.has(name) ? name : home.dataset.page;
    const moved = shown && wanted !== shown;
    if (wanted !== shown) open(wanted);
    const target = anchor && document.getElementById(anchor);
    if (target) target.scrollIntoView();
    else window.scrollTo(0, followed ? 0 : tops.get(wanted) || 0);
    if (moved) place.focus({ preventScroll: true });
    followed = false;
  }

  history.scrollRestoration = "manual";
  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[href^='#']");
    if (!link || link.hash === location.hash) return;
    tops.set(shown, window.scrollY);
    followed = true;
  });
  window.addEventListener("hashchange", show);
  show();
})();
