/** What becomes of a request, and why: the routing model asked in words. */
export { explain } from './explain.ts';
export type { Answer, Candidate, Explanation, GatewayExplanation, Step, Target } from './explanation.ts';
export { nameOf, printExplanation, printMatch } from './print.ts';
