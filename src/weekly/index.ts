/**
 * A team's weekly digest, from feeds to a published issue: feeds in every form and encoding that is met, what is collected of them,
 * stories, and issues.
 *
 * What it does not do: it knows no server of ours, and runs nothing that a feed says.
 */
export { charsetOf, type DecodedText, decodeText, type EncodingHints } from './feeds/decode-text.ts';
export type { Defect, DefectCode } from './feeds/defect.ts';
