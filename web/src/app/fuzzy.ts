/**
 * How well what was typed stands for a text: 0 not at all, 1 the same. All its letters must come in their order; those at the
 * begin of words (`rs` for ReplicaSet) and next to each other count more, and a short text more than a long one.
 */
export function fuzzy(typed: string, text: string): number {
  const wanted = typed.toLowerCase().replace(/\s+/g, '');
  const given = text.toLowerCase();
  if (wanted === '') return 0;
  if (wanted === given) return 1;
  const whole = given.indexOf(wanted);
  const short = 1 / (1 + text.length / 20);
  if (whole === 0) return 0.8 + 0.15 * short;
  if (whole > 0 && beginsWord(text, whole)) return 0.6 + 0.15 * short;
  if (whole > 0) return Math.max(0.4 + 0.1 * short, scattered(wanted, text, given));
  return scattered(wanted, text, given);
}

function scattered(wanted: string, text: string, given: string): number {
  const short = 1 / (1 + text.length / 20);
  let at = 0;
  let starts = 0;
  for (const letter of wanted) {
    const word = wordStart(text, given, letter, at);
    const next = word >= 0 ? word : given.indexOf(letter, at);
    if (next < 0) return 0;
    if (next === at && at > 0) starts += 0.5;
    if (word >= 0) starts++;
    at = next + 1;
  }
  // letters that lie about anywhere are no match
  const share = starts / wanted.length;
  if (share >= 1) return 0.5 + 0.1 * short;
  return share < 0.5 ? 0 : 0.1 + 0.2 * share + 0.1 * short;
}

function wordStart(text: string, given: string, letter: string, from: number): number {
  for (let i = given.indexOf(letter, from); i >= 0; i = given.indexOf(letter, i + 1)) if (beginsWord(text, i)) return i;
  return -1;
}

/** At the begin, behind what is no letter, or at a capital. */
function beginsWord(text: string, index: number): boolean {
  if (index === 0) return true;
  return /[^a-zA-Z0-9]/.test(text[index - 1]!) || (/[A-Z]/.test(text[index]!) && /[a-z]/.test(text[index - 1]!));
}
