/* global window */
// Draws /openapi.json. `validatorUrl: null`: the page asks nobody else. A token stays in memory, and is gone on reload.

/** Swagger UI would send the example of every parameter that one leaves alone: a cursor of no list, a token of nobody. */
const tellExample = (parameter) => {
  if (parameter.required || parameter.example === undefined) return;
  parameter.description = `${parameter.description ?? ''} Example: \`${parameter.example}\``;
  delete parameter.example;
};

const examplesAreNotSent = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (update) => (document) => {
          const read = JSON.parse(JSON.stringify(document));
          const operations = Object.values(read.paths ?? {}).flatMap((path) => Object.values(path));
          const parameters = operations.flatMap((operation) => operation.parameters ?? []);
          for (const one of [...Object.values(read.components?.parameters ?? {}), ...parameters]) tellExample(one);
          return update(read);
        },
      },
    },
  },
});

window.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#page',
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
  plugins: [examplesAreNotSent],
});
