/** Titles of what is said at the end, in the languages that digests are met in. */
const AFTERWORDS =
  /^(?:あとがき|おわりに|終わりに|さいごに|最後に|まとめ|編集後記|afterword|closing(?: words| thoughts)?|conclusion|wrap[- ]up|in closing|後記|结语|結語|맺음말)$/i;
/** Titles of sections that digests have, where nothing else tells them from titles of stories. */
const SECTIONS =
  /^(?:notable|featured|this week'?s?|other|more)? ?(?:articles?|prs?|pull requests?|issues|releases|keps?|news|events|tools|books|videos|talks|papers|links)$/i;

/** Whether a title is that of an afterword. */
export function isAfterwordTitle(title: string): boolean {
  return AFTERWORDS.test(title.trim());
}

/** Whether a title is that of a section, as digests have them. */
export function isSectionTitle(title: string): boolean {
  return SECTIONS.test(title.trim());
}

/** The number of an issue as texts tell it: 第12回, #12, No. 12, Issue 12, Vol. 12. */
export function numberIn(text: string): number | undefined {
  const found = /第\s*(\d{1,5})\s*(?:回|号)|(?:^|[\s(])(?:#|no\.?\s?|issue\s#?|vol\.?\s?)(\d{1,5})(?![\d-])/i.exec(
    text,
  );
  return found === null ? undefined : Number(found[1] ?? found[2]);
}

/** The day that a text names first. */
export function dateIn(text: string): string | undefined {
  const found = /(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})/.exec(text);
  return found === null ? undefined : `${found[1]}-${found[2]!.padStart(2, '0')}-${found[3]!.padStart(2, '0')}`;
}

/** The language of a text, by its letters. */
export function languageOf(text: string): string {
  if (/[\u3041-\u30ff]/.test(text)) return 'ja';
  if (/[\uac00-\ud7af]/.test(text)) return 'ko';
  if (/[\u4e00-\u9fff]/.test(text)) return 'zh';
  return 'en';
}
