import { isPlaceholder } from './values.ts';

/** What a reference points to, before it is known which KEPs there are. */
export type Pointer =
  | { readonly kind: 'folder'; readonly folder: string; readonly number: number | undefined }
  /** By number; one with `isOld` counts by the numbering that KEPs had until 2018, and names none of today's. */
  | { readonly kind: 'number'; readonly number: number; readonly isOld: boolean }
  | { readonly kind: 'url'; readonly url: string; readonly number: number | undefined }
  | { readonly kind: 'none' }
  | { readonly kind: 'text' };

const REPOSITORY = 'https://github.com/kubernetes/enhancements/';

/** Reads what authors wrote to name a KEP: a path, a URL, a number, a link in Markdown, or a word for nothing. */
export function readReference(text: string): Pointer {
  if (isPlaceholder(text)) return { kind: 'none' };
  const url = /https?:\/\/[^\s)>\]]+/.exec(text)?.[0];
  if (url !== undefined) return readUrl(url);
  const old = /^KEP[- ]?(0\d+|\d{1,2})$/i.exec(text)?.[1];
  if (old !== undefined) return { kind: 'number', number: Number(old), isOld: true };
  const number = /^(?:KEP[- ]?|#)?(\d+)$/i.exec(text)?.[1];
  if (number !== undefined) return { kind: 'number', number: Number(number), isOld: false };
  const path = text.replace(/#.*|["'\s]+$/, '').replace(/^(?:\/?kubernetes\/enhancements)?\/?/, '');
  return path.includes('/') || path.endsWith('.md') ? folderOf(path) : { kind: 'text' };
}

function readUrl(url: string): Pointer {
  const inside = url.startsWith(REPOSITORY) ? url.slice(REPOSITORY.length) : undefined;
  const path = /^(?:blob|tree)\/[^/]+\/(keps\/[^#?]+)/.exec(inside ?? '')?.[1];
  if (path !== undefined) return folderOf(path);
  const issue = /^issues\/(\d+)/.exec(inside ?? '')?.[1];
  return { kind: 'url', url, number: issue === undefined ? undefined : Number(issue) };
}

/** The folder that a path means: files in it are left out, and so is what stands for the root. */
function folderOf(path: string): Pointer {
  const clean = path
    .replace(/\/+$/, '')
    .replace(/\/(?:README\.md|kep\.yaml)$/i, '')
    .replace(/^\.\//, '')
    .replace(/^kep\//, 'keps/')
    .replace(/^(?!keps\/)/, 'keps/');
  const number = /\/(\d{2,5})(?:-[^/]*)?$/.exec(clean)?.[1];
  return { kind: 'folder', folder: clean, number: number === undefined ? undefined : Number(number) };
}
