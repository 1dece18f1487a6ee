/** Addresses within a text, up to white space or the sign that quotes them; a password may have such a sign. */
const ADDRESSES = /\b(?:[a-z][a-z0-9+.-]{0,30}:\/\/|https?:)(?:[^\s/?#@:]{0,200}:[^\s/?#@]{0,200}@)?[^\s'"<>]+/gi;

/**
 * A text as it may be told: logs, statuses and errors are read by others than those who may know what its addresses have in them, as
 * `addressWithoutSecrets` says.
 */
export function withoutSecrets(text: string): string {
  return text.replace(ADDRESSES, addressWithoutSecrets);
}

/**
 * An address, or what was meant as one, as it may be told: without user and password, and without the values that are asked for, since
 * feeds and remotes have their tokens there.
 */
export function addressWithoutSecrets(address: string): string {
  const [, place = '', query, end = ''] = /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(address)!;
  const plain = place.replace(/^([^/?#@]*?:)?([/\\]*)[^/?#]*@/, '$1$2');
  return `${plain}${query === undefined ? '' : withoutValues(query)}${end}`;
}

/** `?format=…&token=…`: names tell what an address is for. A word that has no value may be one. */
function withoutValues(query: string): string {
  return query.replace(/([?&;])(?:([\w.-]+)=)?[^&;]+/g, (_, sign: string, name?: string) =>
    name === undefined ? `${sign}…` : `${sign}${name}=…`,
  );
}
