import { effect, signal } from '@preact/signals';
import { csrf, isApiError, request, requestJson, signedOut } from './http.ts';
import { connection, connectWatches, disconnectWatches } from './watch-socket.ts';

export interface SessionInfo {
  readonly user: { readonly username: string; readonly groups: readonly string[] };
  readonly csrf: string;
  /** Under which name edits of this console own their fields. */
  readonly fieldManager: string;
  readonly server: { readonly gitVersion: string; readonly address: string };
  readonly features: readonly string[];
  readonly language?: string;
}

export type Session =
  | { readonly state: 'opening' }
  | { readonly state: 'signed-out' }
  | { readonly state: 'unreachable'; readonly message: string }
  | { readonly state: 'open'; readonly info: SessionInfo };

export const session = signal<Session>({ state: 'opening' });

/** Who is signed in, and with it the connection for watches. Tries again while the server is away. */
export async function openSession(): Promise<void> {
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, 8000)) {
    try {
      const info = await requestJson<SessionInfo>('/console/session');
      csrf.value = info.csrf;
      session.value = { state: 'open', info };
      connectWatches();
      return;
    } catch (error) {
      if (isApiError(error, 401)) {
        session.value = { state: 'signed-out' };
        return;
      }
      session.value = { state: 'unreachable', message: (error as Error).message };
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

export async function signOut(): Promise<void> {
  await request('/console/signout', { method: 'POST' });
  session.value = { state: 'signed-out' };
}

// a session that ends while one works is said at once, wherever it shows
effect(() => {
  if (signedOut.value > 0 && session.peek().state === 'open') session.value = { state: 'signed-out' };
});

// a server that comes back knows no session of before; a connection that it refuses does not say why, so it is asked
effect(() => {
  if (connection.value.state === 'lost') void requestJson('/console/session').catch(() => {});
});

/** So often is looked whether one signed in, in another tab. */
const LOOK_MS = 3000;

effect(() => {
  if (session.value.state !== 'signed-out') return undefined;
  disconnectWatches();
  const look = async (): Promise<void> => {
    if (document.hidden) return;
    const info = await requestJson<SessionInfo>('/console/session').catch(() => undefined);
    if (info) await openSession();
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
});
