// A webhook server as one writes it in JavaScript: gives pods a label and refuses those without a team.
import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';

const HANDLERS = {
  '/mutate': ({ object }) => {
    const labels = { ...object.metadata.labels, seen: 'true' };
    const operations = [{ op: 'add', path: '/metadata/labels', value: labels }];
    const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
    return { allowed: true, patchType: 'JSONPatch', patch, warnings: ['this pod was seen'] };
  },
  '/validate': ({ operation, object, oldObject }) => {
    const { team } = (object ?? oldObject).metadata.labels ?? {};
    if (operation === 'DELETE' && team === 'core') return refused('pods of the core stay');
    return team === undefined ? refused('whose is it?') : { allowed: true };
  },
};

function refused(message) {
  return { allowed: false, status: { code: 403, reason: 'Forbidden', message } };
}

/** Starts the server on a free port of loopback; gives {port, asked(), close()}. */
export async function startWebhooks({ cert, key }) {
  let asked = 0;
  const server = createServer({ cert, key }, (request, response) => {
    void json(request).then(({ apiVersion, kind, request: question }) => {
      asked++;
      const handle = HANDLERS[new URL(request.url, 'https://localhost').pathname];
      const answer = { apiVersion, kind, response: { uid: question.uid, ...handle(question) } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    asked: () => asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
