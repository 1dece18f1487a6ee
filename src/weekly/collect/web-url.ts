/** An absolute address of the web without what only browsers need, undefined if it is none; it may be relative to one. */
export function webUrl(text: string, base?: URL): URL | undefined {
  if (!URL.canParse(text, base?.href)) return undefined;
  const url = new URL(text, base?.href);
  url.hash = '';
  url.username = '';
  url.password = '';
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}
