/**
 * `/console/`: the web console from its built files. Its pages load nothing from elsewhere, and call this API as any other
 * client does.
 */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import { HttpError } from '../http-error.ts';
import { allBuilds, builtConsole } from './built-console.ts';

/**
 * No inline script or style, and nothing from other origins. React sets styles through the CSSOM, which a policy does not
 * restrict.
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Names of assets contain a hash of their content, so a name never gets other content. */
const FOREVER = 'public, max-age=31536000, immutable';
const ASSET = /^\/assets\/([\w-][\w.-]*)$/;
/** Compressed copies that the build writes beside an asset. */
const COMPRESSED = { br: '.br', gzip: '.gz' } as const;

/** Needs neither script nor style; loads again until the console is there. */
const NOT_BUILT = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="refresh" content="3">
    <title>The console is not built yet</title>
  </head>
  <body>
    <h1>The console is not built yet</h1>
    <p>On its first start the sandbox builds it within seconds, and this page shows it as soon as it is there.</p>
    <p>To build it by hand, run <code>npm run console:build</code>. The API works without it: <a href="../docs">its
    page</a>, <a href="../">its links</a>.</p>
  </body>
</html>
`;

/**
 * @param folder where the builds are
 * @param canSignOut whether the person who asks for a page may be offered to sign out
 */
export function consoleFiles(folder: string, canSignOut: (response: Response) => boolean): RequestHandler {
  return async (request, response) => {
    response.locals.route = '/console';
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpError('METHOD_NOT_ALLOWED', `${request.method} is not possible here. Possible: GET, HEAD.`, {
        headers: { Allow: 'GET, HEAD' },
      });
    }
    // Relative, because a gateway may serve the API below a stage.
    if (request.originalUrl.split('?', 1)[0] === request.baseUrl) return response.redirect(308, 'console/');
    response.set('Content-Security-Policy', POLICY);
    const built = await builtConsole(folder);
    if (!built) {
      response.status(503).set('Retry-After', '3').type('html').send(NOT_BUILT);
      return;
    }
    if (request.path.startsWith('/assets/')) await sendAsset(folder, built, request, response);
    else await sendPage(built, request, response, canSignOut(response));
  };
}

async function sendAsset(folder: string, built: string, request: Request, response: Response): Promise<void> {
  const name = ASSET.exec(request.path)?.[1] ?? '';
  const found = await findAsset([built, ...(await allBuilds(folder))], name);
  if (!found) throw new HttpError('PATH_NOT_FOUND', `The console has no file ${request.path.slice(0, 200)}.`);
  const { assets, names } = found;
  response.set('Cache-Control', FOREVER).vary('Accept-Encoding').type(extname(name));
  const encoding = encodings(request).find((each) => names.has(name + COMPRESSED[each]));
  if (encoding) response.set('Content-Encoding', encoding);
  await new Promise<void>((resolve, reject) => {
    response.sendFile(
      name + (encoding ? COMPRESSED[encoding] : ''),
      { root: assets, cacheControl: false },
      (error?: Error) => (error && !isHangUp(error) ? reject(error) : resolve()),
    );
  });
}

/** In the first of the builds that has it. Directories are read: a name in an address never becomes a path. */
async function findAsset(
  builds: readonly string[],
  name: string,
): Promise<{ assets: string; names: ReadonlySet<string> } | undefined> {
  for (const build of builds) {
    const assets = join(build, 'assets');
    const names = new Set(await readdir(assets));
    if (names.has(name)) return { assets, names };
  }
  return undefined;
}

function encodings(request: Request): (keyof typeof COMPRESSED)[] {
  return (['br', 'gzip'] as const).filter((encoding) => request.acceptsEncodings(encoding) === encoding);
}

/** The client closed the connection before it had all of the file. */
function isHangUp(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNABORTED';
}

/** Every other path is a page of the console, which the script in `index.html` draws. */
async function sendPage(built: string, request: Request, response: Response, canSignOut: boolean): Promise<void> {
  const html = await readFile(join(built, 'index.html'), 'utf8');
  const base = '../'.repeat(request.path.split('/').length - 2) || './';
  response
    .set('Cache-Control', 'no-cache')
    .type('html')
    .send(
      html
        .replace('<base href="./"', `<base href="${base}"`)
        .replace('<meta name="sign-out" content="no"', (tag) => (canSignOut ? tag.replace('"no"', '"yes"') : tag)),
    );
}
