// Names, levels and landmarks that Swagger UI leaves out, for screen readers.

const ATTRIBUTES = {
  ".info .title, .opblock-tag, .models h4": { ariaLevel: 2 },
  ".opblock h4": { ariaLevel: 3 },
  ".opblock h5": { ariaLevel: 4 },
  ".information-container": { role: "region", ariaLabel: "About the API" },
  ".schemes-server-container": { role: "region", ariaLabel: "Server and authorization" },
  ".modal-ux": { role: "dialog", ariaLabel: "Authorization" },
  ".close-modal": { ariaLabel: "Close" },
  ".examples-select-element": { ariaLabel: "Example" },
  "pre.microlight": { tabIndex: 0 }, // it can scroll
  "#servers": { ariaLabel: "Server" },
};

function describe() {
  for (const [selector, attributes] of Object.entries(ATTRIBUTES)) {
    for (const element of document.querySelectorAll(selector)) Object.assign(element, attributes);
  }
  for (const element of document.querySelectorAll("[role=region][id$=_responses]")) {
    element.ariaLabel = element.id.replaceAll("_", " ");
  }
}

new MutationObserver(describe).observe(document.querySelector("#swagger-ui"), { childList: true, subtree: true });
