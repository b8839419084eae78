// AWS's client speaks HTTP/2 to Bedrock by default; with this handler it speaks HTTP/1.1, which is what the simulator has.
import { request as send } from 'node:http';
import type { Readable } from 'node:stream';

interface Asked {
  readonly method: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface Answered {
  readonly response: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Readable;
  };
}

export const HTTP1_HANDLER = {
  metadata: { handlerProtocol: 'http/1.1' },
  handle({ method, hostname, port, path, headers, body }: Asked): Promise<Answered> {
    const { promise, resolve, reject } = Promise.withResolvers<Answered>();
    const request = send({ method, hostname, port, path, headers }, (response) => {
      const fields = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      const { statusCode = 0 } = response;
      resolve({ response: { statusCode, headers: Object.fromEntries(fields), body: response } });
    });
    request.on('error', reject);
    request.end(body);
    return promise;
  },
  destroy(): void {},
  updateHttpClientConfig(): void {},
  httpHandlerConfigs: () => ({}),
};
