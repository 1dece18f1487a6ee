/** Plain text as inline Markdown that reads as just that text, in one line: no sign in it begins a link, code, HTML or an emphasis. */
export function markdownOfText(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_~[\]<>!$&|]/g, '\\$&')
    .replace(/(?<=https?:)\/\//gi, '\\/\\/');
}

/** An address as it stands in the parentheses of a link; undefined where that is none of the web. */
export function linkTarget(url: string): string | undefined {
  if (!/^https?:\/\//i.test(url)) return undefined;
  return url.replace(
    /[\s()<>\\\u0000-\u001f\u007f]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
