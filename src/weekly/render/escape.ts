/** A text as it stands in HTML and XML, in content and in quoted attributes; what XML cannot hold is left out. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** The text that `escapeHtml` escaped. */
export function unescapeHtml(escaped: string): string {
  return escaped
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
}

/** An address that a link may have: of the web, of mail, or within the same place; undefined for all that could run something. */
export function safeUrl(url: string): string | undefined {
  const address = url.trim();
  if (/^(?:https?:\/\/|mailto:)/i.test(address)) return address;
  return /^(?:\/(?!\/)|#|\.{1,2}\/)/.test(address) && !/[\\\u0000-\u001f]/.test(address) ? address : undefined;
}

/** An address that an image may have: of the web, or of a file of the same place. */
export function safeImageUrl(url: string): string | undefined {
  const address = safeUrl(url);
  return address === undefined || /^(?:mailto:|#)/i.test(address) ? undefined : address;
}
