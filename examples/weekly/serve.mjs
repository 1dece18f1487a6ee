// Serves feed.xml on loopback, dated now, to try `nekube weekly` with: node examples/weekly/serve.mjs [PORT]
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';

const port = Number(process.argv[2] ?? 8099);
const feed = readFileSync(new URL('feed.xml', import.meta.url), 'utf8');
const dated = feed
  .replaceAll('127.0.0.1:8099', `127.0.0.1:${port}`)
  .replaceAll('</link>\n    </item>', `</link>\n      <pubDate>${new Date().toUTCString()}</pubDate>\n    </item>`);

createServer((request, response) => {
  const isFeed = request.url === '/feed.xml';
  response.writeHead(200, { 'content-type': isFeed ? 'application/rss+xml' : 'text/html; charset=utf-8' });
  response.end(isFeed ? dated : `<!doctype html><title>${request.url.slice(1) || 'The harbor'}</title>`);
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/feed.xml`));
