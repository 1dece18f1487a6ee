// The sites of bench/weekly.mjs, in a process of their own: a feed of ten stories at every /feed-N, and what is hostile. Speaks with
// its parent by messages: says its port, and on request how many connections were open at most.
import { gzipSync } from 'node:zlib';
import { endless, redirect, rssOf, Site, trickle } from '../../dist/weekly/collect/testing/site.js';

const STORIES = 10;
const compressed = gzipSync(Buffer.alloc(64 << 20));
const entities = `<!DOCTYPE x [<!ENTITY a0 "ha">${Array.from({ length: 60 }, (_, at) => `<!ENTITY a${at + 1} "&a${at};&a${at};&a${at};">`).join('')}]><rss><channel><title>&a60;</title></channel></rss>`;

/** Words as titles have them: most are rare, and some stand in every third. */
const SYLLABLES = 'ka be net ri so lu mi tor va den pi gol ha rus te na'.split(' ');
function word(number) {
  return [number, number >> 4, number >> 8, number >> 12].map((part) => SYLLABLES[part & 15]).join('');
}
function titleOf(feed, at) {
  const words = Array.from({ length: 6 }, (_, place) => word(((feed * 10 + at) * 2654435761 + place * 40503) >>> 7));
  return `${at % 3 === 0 ? 'Kubernetes ' : ''}${words.join(' ')}`;
}

/** A feed of stories of its own, which are new. */
function ownStories(feed) {
  const today = new Date().toUTCString();
  const items = Array.from(
    { length: STORIES },
    (_, at) =>
      `<item><title>${titleOf(feed, at)}</title><link>http://stories.example/${feed}/${at}</link><pubDate>${today}</pubDate></item>`,
  );
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>Feed ${feed}</title>${items.join('')}</channel></rss>`;
}

const site = new Site({
  '/own-N': (request, response) => {
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else
      response
        .writeHead(200, { etag: '"1"', 'content-type': 'application/rss+xml' })
        .end(ownStories(Number(/\d+$/.exec(request.url)[0])));
  },
  '/feed-N': (request, response) => {
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else
      response
        .writeHead(200, { etag: '"1"', 'content-type': 'application/rss+xml' })
        .end(rssOf(request.url.slice(1), STORIES));
  },
  '/silent-N': () => undefined,
  '/trickle-N': trickle(1000),
  '/endless-N': endless,
  '/loop-N': (request, response) => redirect(302, request.url)(request, response),
  '/bomb-N': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(compressed),
  '/entities-N': (_, response) => response.end(entities),
});
await site.start();
process.send({ url: site.url('') });
process.on('message', () => {
  process.send({ connections: site.mostConnections });
  site.mostConnections = 0;
  site.requests.length = 0;
});
process.on('disconnect', () => process.exit());
