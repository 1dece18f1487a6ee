import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { SiteContent } from '../site/kep-site.ts';
import { type ExportOptions, type SiteFile, siteFiles } from './site-files.ts';

/** Says that a folder is a site of ours, which the next one may replace. */
const MARK = 'nekube-kep-site.json';

/** What a site has. */
export interface WrittenSite {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Writes a site to a folder. It is written beside it and then put in its place, so that readers see the old one or the new one whole.
 *
 * @throws Error: the folder has something else in it, or cannot be written
 */
export async function writeSite(content: SiteContent, folder: string, options: ExportOptions): Promise<WrittenSite> {
  const to = resolve(folder);
  refuseOthers(to);
  const temporary = `${to}.${process.pid}.tmp`;
  try {
    const written = { files: 0, bytes: 0 };
    for await (const file of siteFiles(content, options)) {
      write(temporary, file);
      written.files++;
      written.bytes += Buffer.byteLength(file.content);
    }
    write(temporary, {
      path: MARK,
      content: `${JSON.stringify({ generator: 'nekube kep site', source: content.source })}\n`,
    });
    replace(temporary, to);
    return written;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function refuseOthers(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0 || existsSync(join(folder, MARK))) return;
  throw new Error(`${folder} has files that are no site of nekube kep; name an empty folder, or one that is not there`);
}

function write(folder: string, { path, content }: SiteFile): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function replace(from: string, to: string): void {
  const old = `${to}.${process.pid}.old`;
  if (existsSync(to)) renameSync(to, old);
  renameSync(from, to);
  rmSync(old, { recursive: true, force: true });
}

/**
 * The scripts and the style of pages, as the build left them.
 *
 * @throws Error of the system: they are not there
 */
export function builtAssets(): ExportOptions['assets'] {
  const folder = new URL('../../web-kep/', import.meta.url);
  const files = readdirSync(folder)
    .filter((name) => /\.(?:js|css)$/.test(name))
    .sort()
    .map((name) => ({ path: `assets/${name}`, content: readFileSync(new URL(name, folder)) }));
  const named = (pattern: RegExp): string => files.find(({ path }) => pattern.test(path))!.path;
  return {
    files,
    script: named(/\/site-[^/]*\.js$/),
    theme: named(/\/theme-[^/]*\.js$/),
    style: named(/\/style-[^/]*\.css$/),
  };
}
