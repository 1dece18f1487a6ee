/**
 * An issue of a digest as data, in the form in which it is an API object too: several editors apply their parts of it, so each
 * list whose parts have owners has a key (`id`, `language`), and nothing nests in itself. What nests in Markdown (a list in a list,
 * a quote in a message) is Markdown within one block.
 *
 * Texts are inline Markdown: `code`, **strong**, links, and a line's end is a line's end. `normalizeIssue` has the one form of each value.
 */
export interface IssueDocument {
  /** The number of the issue; they count from 1. */
  readonly number?: number;
  /** The day that it is of, as YYYY-MM-DD. */
  readonly date?: string;
  /** The language that it is written in (BCP 47): `ja`, `en`. */
  readonly language: string;
  /** Plain text. */
  readonly title: string;
  /** What it is called in addresses and file names; once it is published it stays. */
  readonly slug?: string;
  /** One emoji, which stands for it on Zenn. */
  readonly emoji?: string;
  readonly type?: IssueType;
  /** What it is about, in single words. */
  readonly topics: readonly string[];
  /** Whether readers are to see it. */
  readonly published: boolean;
  /** From when they are, as `YYYY-MM-DD hh:mm` in the time of the place of publication, or `YYYY-MM-DD`. */
  readonly publishedAt?: string;
  /** Fields of the front matter that mean nothing here. */
  readonly frontMatter?: Readonly<Record<string, unknown>>;
  /** Title in other languages. */
  readonly titleTranslations?: readonly Translation[];
  readonly introduction: readonly Block[];
  readonly sections: readonly Section[];
  readonly afterword?: Afterword;
}

/** Zenn's two kinds of articles. */
export type IssueType = 'tech' | 'idea';

/** Stories of one sort, below a heading: articles, pull requests, releases. */
export interface Section {
  /** Its key among the sections. */
  readonly id: string;
  /** Inline Markdown, without the emoji. */
  readonly title: string;
  readonly emoji?: string;
  readonly titleTranslations?: readonly Translation[];
  /** What stands before the first story. */
  readonly introduction: readonly Block[];
  readonly stories: readonly Story[];
}

/** One thing that caught somebody's eye, and what the team says about it. */
export interface Story {
  /** Its key among the stories of all sections. */
  readonly id: string;
  /** Inline Markdown. */
  readonly title: string;
  readonly titleTranslations?: readonly Translation[];
  /** The address of its subject; absent where it is not known, as in text that was copied from a page. */
  readonly url?: string;
  /** Who presents it in the session. */
  readonly presenter?: string;
  readonly blocks: readonly Block[];
}

/** What is said at the end, with its heading. */
export interface Afterword {
  /** Inline Markdown. */
  readonly title: string;
  readonly titleTranslations?: readonly Translation[];
  readonly blocks: readonly Block[];
}

/** All kinds of blocks. */
export const BLOCK_KINDS = [
  'paragraph',
  'heading',
  'list',
  'quote',
  'code',
  'card',
  'image',
  'message',
  'details',
  'table',
  'embed',
  'divider',
  'raw',
] as const;

/** What a block is:
 *
 * - `paragraph`: `text` is inline Markdown.
 * - `heading`: one below a story's own; `text` is inline Markdown, `level` its depth from 4 to 6.
 * - `list`: `text` is the list in Markdown, with what nests in it.
 * - `quote`: `text` is Markdown, without the signs in front of the lines.
 * - `code`: `text` is the code; `info` what is said behind the fence (`go`, `diff yaml`, `ts:main.ts`, `mermaid`).
 * - `card`: a link with its title and picture, to `url`.
 * - `image`: at `url`, described by `alt`; `caption` is inline Markdown.
 * - `message`: a box; `text` is Markdown, `alert` whether it warns.
 * - `details`: folded away below `title` (plain text); `text` is Markdown.
 * - `table`: `text` is the table in Markdown.
 * - `embed`: something of a `service` of those that Zenn embeds (`youtube`, `speakerdeck`, `tweet`); `text` says which.
 * - `divider`: a line across.
 * - `raw`: Markdown of no kind above (HTML, formulas, footnotes), word for word.
 */
export type BlockKind = (typeof BLOCK_KINDS)[number];

/** A part of the text that is moved, translated and owned as one. Which fields it has, its kind says. */
export interface Block {
  /** Its key among its siblings: it stays when the text changes, so that whoever owns a block still does. */
  readonly id: string;
  readonly kind: BlockKind;
  readonly text?: string;
  readonly url?: string;
  readonly alt?: string;
  readonly caption?: string;
  readonly title?: string;
  readonly info?: string;
  readonly service?: string;
  readonly level?: number;
  readonly alert?: boolean;
  readonly translations?: readonly Translation[];
}

/** What a text is in another language. */
export interface Translation {
  /** Its key among the translations of the text. */
  readonly language: string;
  readonly text: string;
  /** `sourceHash` of the text that was translated: when the text has another, this is stale. */
  readonly sourceHash: string;
}
