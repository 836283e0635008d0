import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { OpenPath } from '@rollbook/shared/contracts/open-paths';
import type { OpenRoute } from '@rollbook/shared/http/build-app';

/** Swagger UI sets styles on elements and draws its signs from `data:` images; scripts are only those of this origin. */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

// Addresses are relative, so that the page also works under a path.
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rollbook API</title>
<link rel="stylesheet" href="assets/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="page"></div>
<noscript><p>This page needs JavaScript. The document itself: <a href="openapi.json">openapi.json</a></p></noscript>
<script src="assets/swagger-ui-bundle.js"></script>
<script src="assets/docs-page.js"></script>
</body>
</html>
`;

// The package is not imported: what it would run is a script for browsers.
const library = (file: string): string =>
  join(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'), '..', file);

/** Read when it is first asked for, then kept: about 2 MB. */
const file = (path: OpenPath, type: string, from: string | URL): OpenRoute => {
  let content: Promise<Buffer> | undefined;
  const headers = { 'Cache-Control': 'public, max-age=3600' };
  const answer = async () => ({ status: 200, type, body: await (content ??= readFile(from)), headers });
  return { path, answer };
};

/** `GET /docs`: the API document to read and to try. Everything it loads comes from here. */
export const docsPage = (): readonly OpenRoute[] => [
  {
    path: '/docs',
    answer: () => ({
      status: 200,
      type: 'text/html; charset=utf-8',
      body: PAGE,
      headers: { 'Content-Security-Policy': CSP, 'Cache-Control': 'no-cache' },
    }),
  },
  file('/assets/swagger-ui.css', 'text/css; charset=utf-8', library('swagger-ui.css')),
  file('/assets/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', library('swagger-ui-bundle.js')),
  file('/assets/docs-page.js', 'text/javascript; charset=utf-8', new URL('./docs-page.js', import.meta.url)),
];
