import { newFailure } from 'nekube/apimachinery';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
};
/** A name that a build gives: no folder, nothing hidden. */
const ASSET = /^\/assets\/([A-Za-z0-9_-][A-Za-z0-9._-]*)$/;

interface Packed {
  readonly plain: Buffer;
  readonly brotli: Promise<Buffer>;
}

/**
 * The built browser app. Its files have a hash in their names, so they may be kept for ever; every other address of the
 * app is its page, which finds out by itself what to show.
 */
export class StaticFiles {
  readonly #folder: string;
  /** Their names say what is in them. */
  readonly #assets = new Map<string, Packed>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws StatusError 404; 503 when the app was not built */
  async serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = ASSET.exec(path)?.[1];
    if (name === undefined && path.startsWith('/assets/')) throw noFile();
    const file = name === undefined ? await this.#page() : await this.#asset(name);
    const isPacked = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const body = isPacked ? await file.brotli : file.plain;
    response.writeHead(200, {
      'content-type': TYPES[extname(name ?? '.html')] ?? TYPES[name === undefined ? '.html' : '.txt'],
      'content-length': body.length,
      'cache-control': name === undefined ? 'no-cache' : 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      ...(isPacked && { 'content-encoding': 'br' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  async #page(): Promise<Packed> {
    return packed(
      await readFile(join(this.#folder, 'index.html')).catch(() => {
        throw newFailure(503, 'ServiceUnavailable', 'the console is not built: run "npm run build"');
      }),
    );
  }

  async #asset(name: string): Promise<Packed> {
    const known = this.#assets.get(name);
    if (known !== undefined) return known;
    const plain = await readFile(join(this.#folder, 'assets', name)).catch(() => {
      throw noFile();
    });
    const file = packed(plain);
    this.#assets.set(name, file);
    return file;
  }
}

function packed(plain: Buffer): Packed {
  let brotli: Promise<Buffer> | undefined;
  return {
    plain,
    get brotli() {
      return (brotli ??= promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }));
    },
  };
}

function noFile(): Error {
  return newFailure(404, 'NotFound', 'there is no such file: the console was built anew, reload the page');
}
