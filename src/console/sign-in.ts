import type { IncomingMessage, ServerResponse } from 'node:http';
import { newFailure } from 'nekube/apimachinery';
import { sendText } from './answers.ts';
import type { Cluster } from './cluster.ts';
import type { PageGuard } from './page-guard.ts';
import type { Sessions } from './sessions.ts';

/** What signing in needs. */
export interface SignInPlace {
  readonly sessions: Sessions;
  readonly cluster: Cluster;
  readonly guard: PageGuard;
}

/**
 * Answers a link that signs in. It works once, whatever comes at the same time; when the cluster does not say who it is
 * for, it can be used again.
 *
 * @throws StatusError 401, to programs
 */
export async function signIn(
  { sessions, cluster, guard }: SignInPlace,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // what a browser fetches before anybody asks for it must not use the link up
  if (request.method !== 'GET' || /prefetch|prerender/.test(String(request.headers['sec-purpose'] ?? '')))
    throw newFailure(405, 'MethodNotAllowed', 'a link that signs in must be opened');
  const link = sessions.takeLink(query.get('token') ?? '');
  if (link === undefined) return refuse(request, response);
  try {
    const id = sessions.begin(await cluster.whoIs(link.as));
    response.setHeader('set-cookie', guard.cookieOf(id));
    // a page of ours goes on, since a browser sends a strict cookie only to who comes from here
    sendText(response, page('Signed in', '<p><a href="/">Go on to the console</a></p>', '0; url=/'), { type: HTML });
  } catch (error) {
    link.giveBack();
    throw error;
  }
}

const HTML = 'text/html; charset=utf-8';

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const message = 'this link was used, or is older than ten minutes';
  if (!/\btext\/html\b/.test(request.headers.accept ?? '')) throw newFailure(401, 'Unauthorized', message);
  const how =
    '<p>This link was used, or is older than ten minutes. Who runs the console gets another by the signal USR2 ' +
    '(<code>kill -USR2 PID</code>, as it was printed at the start).</p><p><a href="/">To the console</a></p>';
  sendText(response, page('Not signed in', how), { code: 401, type: HTML });
}

/** A page without a style or a script. */
function page(title: string, body: string, refresh?: string): string {
  const goOn = refresh === undefined ? '' : `<meta http-equiv="refresh" content="${refresh}">`;
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">' +
    `<meta name="viewport" content="width=device-width">${goOn}<title>${title} - nekube</title></head>` +
    `<body><h1>${title}</h1>${body}</body></html>`
  );
}
