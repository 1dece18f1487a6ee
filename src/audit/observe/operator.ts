import type { Socket } from 'node:net';
import type { TestUser, WebhookServing } from 'nekube/envtest';

/** An operator that can be started against a control plane. */
export interface Operator {
  /** As whom it talks to the server. */
  readonly user: TestUser;
  /**
   * Starts it; it need not be ready when this resolves.
   *
   * @param serving for webhooks of its own, which are called where they are known of ({@link OperatorService})
   */
  start(kubeconfig: string, serving?: Serving): Promise<RunningOperator>;
}

/** What a server of webhooks needs: a folder with `tls.crt` and `tls.key`. */
export type Serving = Pick<WebhookServing, 'certDir'>;

/** An operator at work. */
export interface RunningOperator {
  /** Asks it to end, and waits until it has; then by force. */
  stop(): Promise<void>;
  /** Why it ended by itself; undefined while it runs. */
  readonly ended?: string | undefined;
  /** To where it talks besides the API server; absent: that is not known. */
  readonly egress?: readonly string[];
  /** Lets time pass for it, where that can be done. */
  readonly advance?: ((ms: number) => Promise<void> | void) | undefined;
  /** `isolated`: it reaches the API server alone, and whom else it tried to reach is known; absent: it is not looked at. */
  readonly network?: 'isolated' | 'open';
  /** Whether each packet is seen that it sends to others; absent: only who has a connection. */
  readonly isWatched?: boolean;
  /** Whether it had sockets of UDP without a connection, of which it is not seen whom they send to; absent: that is not known. */
  readonly hasOpenUdp?: boolean;
  /** At which ports it listened; absent: that is not known. */
  readonly ports?: readonly number[];
  /** A connection to one of its ports; absent: they are those of this machine. */
  connect?(port: number): Socket;
}

/** An operator ended, or never did anything, and nothing can be said of it. */
export class OperatorFailure extends Error {
  override readonly name = 'OperatorFailure';
  /** What can be done; absent: that is not known. */
  readonly hint?: string;

  constructor(message: string, hint?: string) {
    super(message);
    if (hint !== undefined) this.hint = hint;
  }
}
