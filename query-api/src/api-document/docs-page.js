/* global window */
// Draws /openapi.json. `validatorUrl: null`: the page asks nobody else. A token stays in memory, and is gone on reload.
window.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#page',
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
});
