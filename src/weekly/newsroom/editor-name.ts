/** What the name of an editor is: a part of the names of objects. */
export const EDITOR_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/**
 * The name under which a user of a server votes and decides: its name in lower case, with `-` for what the names of objects cannot have. The
 * policy of votes makes the same of it (resources/votes-policy.ts). A user of whom no such name can be made is `editor`, who cannot vote.
 */
export function editorName(username: string): string {
  const name = [...username]
    .map((one) => (/[a-z0-9.-]/i.test(one) ? one.toLowerCase() : '-'))
    .join('')
    .slice(0, 63);
  return EDITOR_NAME.test(name) ? name : 'editor';
}
