import { request } from 'node:http';

/** What Envoy tells of itself. */
export interface ServerInfo {
  readonly state: 'LIVE' | 'DRAINING' | 'PRE_INITIALIZING' | 'INITIALIZING';
  readonly nodeId: string;
  readonly epoch: number;
}

/** Envoy's administration, on a socket that is a file. */
export class EnvoyAdmin {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** @throws Error if nobody answers, or not with 200 */
  async ask(path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> {
    const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const asked = request({ socketPath: this.#socket, path, method, timeout: 5000, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      });
      asked.on('timeout', () => asked.destroy(new Error(`Envoy does not answer ${path}`)));
      asked.on('error', reject);
      asked.end();
    });
    if (status !== 200) throw new Error(`Envoy answers ${method} ${path} with ${status}: ${body.trim()}`);
    return body;
  }

  /** `undefined` if nobody answers. */
  async info(): Promise<ServerInfo | undefined> {
    let text: string;
    try {
      text = await this.ask('/server_info');
    } catch {
      return undefined;
    }
    const info = JSON.parse(text);
    return {
      state: info.state,
      nodeId: info.node?.id ?? '',
      epoch: info.command_line_options?.restart_epoch ?? 0,
    };
  }

  /** Listens no more; what is under way goes on, and connections end with their next answer. */
  async drain(): Promise<void> {
    await this.ask('/healthcheck/fail', 'POST');
    await this.ask('/drain_listeners', 'POST');
  }

  /** How many requests and connections of streams are under way. */
  async active(): Promise<number> {
    const stats = await this.ask(`/stats?format=json&type=Gauges&filter=${encodeURIComponent(ACTIVE)}`);
    const gauges: readonly { readonly name?: string; readonly value?: number }[] = JSON.parse(stats).stats ?? [];
    return gauges
      .filter(({ name }) => name !== 'http.admin.downstream_rq_active')
      .reduce((sum, { value }) => sum + (value ?? 0), 0);
  }
}

const ACTIVE = '^(http\\..*\\.downstream_rq_active|tcp\\..*\\.downstream_cx_active)$';
