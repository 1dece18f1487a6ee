import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { Io } from '../io.ts';
import { type EditorFlags, editorOf, named } from './editor.ts';

interface UserInfo {
  readonly username?: string;
  readonly groups?: readonly string[];
}

interface Review extends KubeObject {
  readonly status?: { readonly userInfo?: UserInfo };
}

/** Who votes. */
export interface Voter {
  /** The name of an editor. */
  readonly voter: string;
  /** Who that is for the server; absent: somebody else votes on behalf of them. */
  readonly user?: string;
}

/**
 * Who votes: whoever `--as` names, else who one is for the server. An administrator is no person there, and one's login is taken, which the
 * server lets administrators vote as.
 *
 * @throws CliError: the name is too long to vote
 */
export async function voterOf(client: Client, flags: EditorFlags, io: Io): Promise<Voter> {
  if (flags.as !== undefined) return { voter: editorOf(flags, io) };
  const { username = '', groups = [] } = await selfOn(client, io);
  if (username === '' || groups.includes('system:masters')) return { voter: editorOf(flags, io) };
  return { voter: named(username), user: username };
}

/** Who one is for the server; of one that is too old to tell, nothing. */
async function selfOn(client: Client, io: Io): Promise<UserInfo> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
  try {
    const { status } = await client.create<Review>(review as never, { signal: io.signal });
    return status?.userInfo ?? {};
  } catch {
    io.signal.throwIfAborted();
    return {};
  }
}
