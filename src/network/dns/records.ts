import type { Name } from './names.ts';

/** Types of records by their numbers. */
export const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, OPT: 41, ANY: 255 } as const;

/** What a record says. */
export type RecordData =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'NS' | 'CNAME' | 'PTR'; readonly target: Name }
  | { readonly type: 'TXT'; readonly text: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: Name;
    }
  | {
      readonly type: 'SOA';
      readonly server: Name;
      readonly mailbox: Name;
      readonly serial: number;
      readonly minimum: number;
    };

/** A record of a name. */
export type DnsRecord = RecordData & { readonly name: Name; readonly ttl: number };

/** What became of a question, by its number. */
export const CODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;

/** What became of a question. */
export type Code = keyof typeof CODES;

/** The answer to a question. */
export interface Answer {
  readonly code: Code;
  /** It comes from who has the names. */
  readonly isAuthoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}
