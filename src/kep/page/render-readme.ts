import { readmeBody } from '../document/readme-body.ts';
import type { Kep } from '../model/kep.ts';
import { parseMarkdown } from './markdown.ts';
import { sanitized } from './sanitize.ts';

/** A heading of a document. */
export interface Heading {
  /** As GitHub makes it, so that links made for it arrive. */
  readonly id: string;
  /** 1 to 6. */
  readonly level: number;
  readonly text: string;
}

/** What was left out of a document, by kind: `script`, `event-handler`, `style`, `address`; what is of no harm, as unknown elements, is `element`. */
export type Dropped = Readonly<Record<string, number>>;

/** A text as it is shown. */
export interface RenderedReadme {
  /** Safe to be put into a page that allows neither inline scripts nor inline styles; it loads nothing from other hosts. */
  readonly html: string;
  readonly headings: readonly Heading[];
  readonly dropped: Dropped;
}

/** What a text stands in. */
export interface RenderContext {
  readonly kep: Pick<Kep, 'path'>;
  /** The name of the KEP whose folder a path is; undefined: it is none's. */
  readonly kepAt: (path: string) => string | undefined;
  /** Where the page of a KEP is, by its name. */
  readonly kepUrl: (name: string) => string;
  /** Where a file of the repository can be read, by its path. */
  readonly fileUrl: (path: string) => string;
  /** Where an image of the checkout is served by the page's own host; undefined: it is not. */
  readonly imageUrl?: (path: string) => string | undefined;
}

/**
 * Renders the README of a KEP as GitHub does (tables, task lists, strikethrough, autolinks, ids of headings), but safely: what
 * could run, style or load something is dropped and counted. Links lead to pages of KEPs where they lead to their folders, else to
 * the repository; images of other hosts become links to them.
 */
export function renderReadme(markdown: string, context: RenderContext): RenderedReadme {
  const { html, headings } = parseMarkdown(readmeBody(markdown));
  return { headings, ...sanitized(html, context) };
}
