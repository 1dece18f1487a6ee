import { effect, signal } from '@preact/signals';
import { csrf, isApiError, requestJson, request, signedOut } from './http.ts';
import { connectWatches } from './watch-socket.ts';

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
