// Whether what was read of a feed is what is meant: texts are equal up to white space, as they stand or as what is to be read of them.
import { textOfHtml } from '../../dist/weekly/feeds/html-text.js';

/**
 * Compares what is expected, `{title?, items?: (string|undefined)[], count?}`, with what a reader found, `{title: [text…],
 * items: [[text…]…]}`, where each text may be given in several forms. What nothing is expected of is undefined.
 */
export function judge(expected, read) {
  const title = expected.title === undefined ? undefined : isSame(expected.title, read.title);
  const count = expected.count === undefined ? undefined : expected.count === read.items.length;
  const said = (expected.items ?? []).flatMap((item, at) => (item === undefined ? [] : [[item, read.items[at] ?? []]]));
  const titles = expected.items === undefined ? undefined : said.every(([item, forms]) => isSame(item, forms));
  const all = [title, count, titles].every((one) => one !== false);
  return {
    title,
    count,
    titles,
    all,
    ...(!all && { wrong: `expected ${JSON.stringify(expected)}, read ${JSON.stringify(read)}`.slice(0, 600) }),
  };
}

function isSame(expected, forms) {
  const wanted = [oneLine(expected), textOfHtml(expected)];
  return forms.some((form) => wanted.includes(oneLine(form))) || (forms.length === 0 && wanted[0] === '');
}

function oneLine(text) {
  return text.replace(/[\s\u00a0]+/g, ' ').trim();
}
