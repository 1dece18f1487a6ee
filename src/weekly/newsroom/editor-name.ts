import type { VoteObject } from '../resources/kinds.ts';

/** The shape of an editor's name, which is a part of the names of objects, as JavaScript and CEL both read it. */
export const EDITOR_SHAPE = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';

/** So long it may be: the names of field managers have room for it and `.translations`. */
export const EDITOR_LENGTH = 110;

/** Names that need no other one: none of them has `--` in it. */
export const PLAIN_SHAPE = '^[a-z0-9]+([.-][a-z0-9]+)*$';

const SHAPE = new RegExp(EDITOR_SHAPE);
const PLAIN = new RegExp(PLAIN_SHAPE);

/** What users are who have no name here, since theirs is too long. They cannot vote. */
const UNNAMED = 'editor--unnamed';

/** Whether a text can be the name of an editor. */
export function isEditorName(text: string): boolean {
  return text.length <= EDITOR_LENGTH && SHAPE.test(text);
}

/**
 * The name under which a user of a server votes and decides. No two users have the same one, and most are read as they are:
 *
 * - `anna`, `ben-2` and `ken.example` are themselves;
 * - others are in lower case, with `-` for what the names of objects cannot have. Behind the last `--` stands what that hides: the characters
 *   that became `-`, as hexadecimal UTF-8, and behind a `u` which letters are in upper case: `Anna@example.org` is `anna-example.org--40u1`;
 * - what would be no name even so is hexadecimal as a whole: `ねこ` is `u--xe381ade38193`.
 *
 * The policy of votes makes the same of it in CEL (resources/votes-policy.ts). That knows no hashes, so that nothing is a name of what is too long.
 */
export function editorName(username: string): string {
  if (PLAIN.test(username) && isEditorName(username)) return username;
  const chars = [...username];
  const hidden = hexOf(chars.filter((one) => !/^[A-Za-z0-9.]$/.test(one)).join(''));
  const upper = /^.*1/.exec(chars.map((one) => (/^[A-Z]$/.test(one) ? '1' : '0')).join(''))?.[0];
  const legible = chars.map((one) => (/^[A-Za-z0-9.]$/.test(one) ? one.toLowerCase() : '-')).join('');
  const names = [`${legible}--${hidden}${upper === undefined ? '' : `u${upper}`}`, `u--x${hexOf(username)}`];
  return names.find(isEditorName) ?? UNNAMED;
}

/** Whether a user has no name here, and so cannot vote: theirs would be longer than 110 characters. */
export function isUnnamed(username: string): boolean {
  return editorName(username) === UNNAMED;
}

/**
 * The name of a user's votes before names told users apart: `Anna@example.org` and `anna-example.org` had one. Votes that have it, and do not say
 * whose they are, may be withdrawn by each of these.
 */
export function sharedName(username: string): string {
  return [...username]
    .map((one) => (/^[A-Za-z0-9.-]$/.test(one) ? one.toLowerCase() : '-'))
    .join('')
    .slice(0, 63);
}

/** Whether a vote is of a user: it has the user's name, or is from before votes said whose they are. */
export function isVoteOf({ spec: { voter, user } }: Pick<VoteObject, 'spec'>, username: string): boolean {
  return voter === editorName(username) || (user === undefined && voter === sharedName(username));
}

function hexOf(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
