// Serves feed.xml on loopback, dated now, to try `nekube weekly` with: node examples/weekly/serve.mjs [PORT]
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';

const feed = readFileSync(new URL('feed.xml', import.meta.url), 'utf8');
const pubDate = `<pubDate>${new Date().toUTCString()}</pubDate>`;

const server = createServer((request, response) => {
  const { port } = server.address();
  const isFeed = request.url === '/feed.xml';
  response.writeHead(200, { 'content-type': isFeed ? 'application/rss+xml' : 'text/html; charset=utf-8' });
  if (isFeed)
    response.end(
      feed
        .replaceAll('127.0.0.1:8099', `127.0.0.1:${port}`)
        .replaceAll('</link>\n    </item>', `</link>\n      ${pubDate}\n    </item>`),
    );
  else response.end(`<!doctype html><title>${request.url.slice(1) || 'The harbor'}</title>`);
});
server.listen(Number(process.argv[2] ?? 8099), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/feed.xml`);
});
