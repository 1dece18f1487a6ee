import { createHash } from 'node:crypto';
import type { Block, IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { gapWords } from '../issue/gap-marks.ts';
import { type TranslationGap, translateIssue } from '../issue/translate.ts';
import { escapeHtml } from './escape.ts';
import { type CardInfo, htmlOfBlock, htmlOfInline, type HtmlStyle, textOfTitle } from './html-blocks.ts';

/** How an issue is shown to readers. */
export interface RenderOptions {
  /** Absent: that which it is written in. */
  readonly language?: string;
  /** What is known of the pages that cards link to. */
  readonly cards?: ReadonlyMap<string, CardInfo>;
  /** Images are loaded from where they are, which tells that place of each reader; default false. */
  readonly showsImages?: boolean;
}

const CSS = `:root{color-scheme:light dark;--text:#1b1f24;--soft:#57606a;--back:#fff;--box:#f3f5f7;--line:#d0d7de;--link:#0b57a4;--warn:#fff1e5}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--soft:#a3adb8;--back:#0d1117;--box:#171d25;--line:#3b434d;--link:#79b8ff;--warn:#3a2410}}
body{margin:0;background:var(--back);color:var(--text);font:1.05rem/1.75 system-ui,sans-serif}
header,main,footer{max-width:44rem;margin:0 auto;padding:1rem 1.25rem}
h1,h2,h3,h4{line-height:1.35;overflow-wrap:anywhere}
h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}
a{color:var(--link)}p,li{overflow-wrap:anywhere}
.soft,time{color:var(--soft)}
.card,.message,.alert{background:var(--box);border:1px solid var(--line);border-radius:.5rem;padding:.6rem 1rem;margin:1rem 0}
.card a{font-weight:600}.card .soft{font-size:.9rem}.alert{background:var(--warn)}
pre,.scroll{overflow-x:auto;background:var(--box);padding:.75rem 1rem;border-radius:.5rem}
code{font-family:ui-monospace,monospace;font-size:.92em;background:var(--box);border-radius:.25rem;padding:.1em .3em}pre code{padding:0}
blockquote{margin:1rem 0;padding:0 1rem;border-left:.25rem solid var(--line);color:var(--soft)}
table{border-collapse:collapse}th,td{border:1px solid var(--line);padding:.3rem .7rem}
img{max-width:100%;height:auto}
.gap{border-left:.25rem dashed var(--line);padding-left:.75rem}`;

const CLASSES: Partial<Record<Parameters<HtmlStyle['look']>[0], string>> = {
  card: 'card',
  cardText: 'soft',
  message: 'message',
  alert: 'alert',
  footnote: 'soft',
};

/**
 * An issue as a page of its own: no script, nothing from elsewhere, a strict content security policy, light and dark. What is not
 * translated is shown as it was written, and marked.
 */
export function writeHtml(given: IssueDocument, options: RenderOptions = {}): string {
  const source = normalizeIssue(given);
  const { issue, gaps } = translateIssue(source, options.language ?? source.language);
  const states = new Map(gaps.map((gap) => [gap.place, gap]));
  const style: HtmlStyle = {
    look: (name) => (CLASSES[name] === undefined ? '' : ` class="${CLASSES[name]}"`),
    showsImages: options.showsImages === true,
    isInteractive: true,
    cards: options.cards ?? new Map(),
  };
  const blocks = (all: readonly Block[], place: string, base: number): string =>
    all
      .map((block) => {
        const html = htmlOfBlock(block, base, style);
        const gap = states.get(`${place}/${block.id}`);
        if (gap === undefined) return html;
        const language = gap.state === 'missing' ? ` lang="${escapeHtml(source.language)}"` : '';
        return `<div class="gap">${said(gap)}<div${language}>${html}</div></div>`;
      })
      .join('\n');
  const said = (gap: TranslationGap | undefined): string =>
    gap === undefined ? '' : `<p class="soft">${gapWords(gap, issue.language)}</p>`;
  const title = (place: string): string => said(states.get(`${place}title`));
  const { date, number, afterword } = issue;
  const head = [
    `<h1>${escapeHtml(issue.title)}</h1>`,
    title(''),
    date === undefined
      ? ''
      : `<p><time datetime="${escapeHtml(date)}">${escapeHtml(date)}</time>${number === undefined ? '' : ` · #${number}`}</p>`,
  ];
  const main = [
    blocks(issue.introduction, 'introduction', 2),
    ...issue.sections.map((section, s) => {
      const emoji = section.emoji === undefined ? '' : `<span aria-hidden="true">${escapeHtml(section.emoji)}</span> `;
      return joined([
        heading(2, `section-${s + 1}`, `${emoji}${htmlOfInline(section.title, style)}`),
        title(`sections/${section.id}/`),
        blocks(section.introduction, `sections/${section.id}/introduction`, 3),
        ...section.stories.map((story, n) =>
          joined([
            heading(3, `story-${s + 1}-${n + 1}`, htmlOfInline(story.title, style)),
            title(`stories/${story.id}/`),
            blocks(story.blocks, `stories/${story.id}/blocks`, 4),
          ]),
        ),
      ]);
    }),
    afterword === undefined
      ? ''
      : joined([
          heading(2, 'afterword', htmlOfInline(afterword.title, style)),
          title('afterword/'),
          blocks(afterword.blocks, 'afterword/blocks', 3),
        ]),
  ];
  return page(
    issue.language,
    textOfTitle(issue.title),
    `<header>\n${joined(head)}\n</header>\n<main>\n${joined(main)}\n</main>`,
    style,
  );
}

/** A heading; one without a text is none. */
function heading(level: number, id: string, html: string): string {
  return html.trim() === '' ? '' : `<h${level} id="${id}">${html}</h${level}>`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

function page(language: string, title: string, body: string, { showsImages }: HtmlStyle): string {
  const hash = createHash('sha256').update(CSS).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src ${showsImages ? 'https: data:' : "'none'"}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title) || '…'}</title>
<style>${CSS}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
