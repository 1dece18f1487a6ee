// The sites of bench/weekly.mjs, in a process of their own: a feed of ten stories at every /feed-N, and what is hostile. Speaks with
// its parent by messages: says its port, and on request how many connections were open at most.
import { gzipSync } from 'node:zlib';
import { endless, redirect, rssOf, Site, trickle } from '../../dist/weekly/collect/testing/site.js';

const STORIES = 10;
const compressed = gzipSync(Buffer.alloc(64 << 20));
const entities = `<!DOCTYPE x [<!ENTITY a0 "ha">${Array.from({ length: 60 }, (_, at) => `<!ENTITY a${at + 1} "&a${at};&a${at};&a${at};">`).join('')}]><rss><channel><title>&a60;</title></channel></rss>`;

const site = new Site({
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
