// What Python's feedparser reads of feeds. Its titles are given as they are and, if it calls them HTML, also as their text.
import { spawnSync } from 'node:child_process';
import { textOfHtml } from '../../dist/weekly/feeds/html-text.js';

const PROGRAM = `
import base64, json, sys
import feedparser
out = []
for case in json.load(sys.stdin):
    headers = {'content-type': case['contentType']} if case.get('contentType') else {}
    if case.get('url'): headers['content-location'] = case['url']
    try:
        read = feedparser.parse(base64.b64decode(case['bytes']), response_headers=headers)
        out.append({'title': [read.feed.get('title', ''), read.feed.get('title_detail', {}).get('type')],
                    'items': [[e.get('title', ''), e.get('title_detail', {}).get('type')] for e in read.entries]})
    except Exception as e:
        out.append({'title': ['', None], 'items': [], 'error': str(e)})
json.dump(out, sys.stdout)
`;

/** Reads cases with the feedparser of a Python; one that throws has read nothing. */
export function readByFeedparser(python, cases) {
  const input = JSON.stringify(
    cases.map(({ bytes, contentType, url }) => ({ bytes: Buffer.from(bytes).toString('base64'), contentType, url })),
  );
  const { stdout, stderr, status } = spawnSync(python, ['-c', PROGRAM], {
    input,
    maxBuffer: 2 ** 30,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`feedparser did not run: ${stderr}`);
  return JSON.parse(stdout).map(({ title, items }) => ({ title: forms(title), items: items.map(forms) }));
}

function forms([text, type]) {
  return type?.includes('html') ? [text, textOfHtml(text)] : [text, textOfHtml(text)];
}
