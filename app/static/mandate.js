// The components' own behaviour: the menu on a small screen, focus on an error summary. Every page works without it.
import { initAll } from "/static/vendor/govuk-frontend-6.3.0.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

document.addEventListener("htmx:after:settle", (event) => {
  if (event.target instanceof Element) {
    initAll({ scope: event.target });
  }
});
