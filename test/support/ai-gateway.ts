// A gateway process with the simulator as its provider and the official OpenAI client in front: what most end-to-end tests need.
import assert from 'node:assert/strict';
import { after, type TestContext } from 'node:test';
import OpenAI from 'openai';
import type { ReceivedRequest } from '../../src/simulator/received-log.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { startTestGateway, type TestGateway, until } from '../e2e/support/gateway.ts';

/** For what a whole test file shares: it ends with the file. */
export const FILE_SCOPE = { after } as unknown as TestContext;

export const CLIENT_KEY = 'sk-client-7d1f';
export const PROVIDER_KEY = 'sk-provider-93ab';

export interface AiGatewayOptions {
  readonly simulator?: Partial<SimulatorOptions>;
  /** The configuration for a simulator at this URL; default: /v1/* to it. */
  readonly config?: (simulatorUrl: string) => object;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Default configuration: an AI route with the provider's key, and a plain route to the same server. */
export function aiConfig(simulatorUrl: string, backend: object = {}): Readonly<Record<string, unknown>> {
  return {
    backends: {
      ai: { provider: 'openai', base_url: `${simulatorUrl}/v1`, api_key: PROVIDER_KEY, ...backend },
      plain: { endpoints: [simulatorUrl] },
    },
    routes: [
      { name: 'ai', match: { path: '/v1/*' }, backend: 'ai' },
      { name: 'plain', match: { path: '/plain/*' }, backend: 'plain' },
    ],
  };
}

export class AiGateway {
  readonly gateway: TestGateway;
  readonly simulator: Simulator;
  /** Only its base URL differs from what an application has. */
  readonly client: OpenAI;

  constructor(gateway: TestGateway, simulator: Simulator) {
    this.gateway = gateway;
    this.simulator = simulator;
    this.client = new OpenAI({ apiKey: CLIENT_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  }

  /** What the simulator received last. */
  last(): ReceivedRequest {
    const request = this.simulator.received().at(-1);
    assert.ok(request !== undefined, 'the simulator received nothing');
    return request;
  }

  /** The access log line of the request that was sent with this `x-request-id`. */
  line(requestId: string): Promise<LogLine> {
    return until(`the log line of ${requestId}`, () =>
      (this.gateway.accessLog as unknown as readonly LogLine[]).find((line) => line.request_id === requestId),
    );
  }

  async metrics(): Promise<string> {
    return (await this.gateway.admin('/metrics')).text();
  }

  /** A POST of these very bytes, as no SDK would write them. */
  post(path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.gateway.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${CLIENT_KEY}`, ...headers },
      body,
    });
  }
}

/** The fields of an access log line that tests read. */
export interface LogLine {
  readonly timestamp: string;
  readonly request_id: string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly listener: string;
  readonly route_name: string | null;
  readonly route_why: string;
  readonly upstream: string;
  readonly client_ip: string;
  readonly request: {
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly query: string;
    readonly bytes: number;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly status: number;
  readonly response_bytes: number;
  readonly duration_ms: number;
  readonly first_byte_ms: number;
  readonly attempts: readonly {
    readonly backend: string;
    readonly endpoint: string;
    readonly status: number;
    readonly ms: number;
    readonly error?: string;
  }[];
  readonly error?: { readonly code: string; readonly detail?: string };
  readonly stream_end?: string;
  readonly gen_ai?: {
    readonly operation: { readonly name: string };
    readonly provider: { readonly name: string };
    readonly request: { readonly model: string; readonly sent_model: string; readonly streaming: boolean };
    readonly response: { readonly model: string; readonly first_token_ms: number };
    readonly usage: {
      readonly input_tokens: number;
      readonly output_tokens: number;
      readonly total_tokens: number;
    };
  };
}

export async function startAiGateway(context: TestContext, options: AiGatewayOptions = {}): Promise<AiGateway> {
  const simulator = await startSimulator({ port: 0, ...options.simulator });
  context.after(() => simulator.close());
  const gateway = await startTestGateway(context, {
    config: (options.config ?? aiConfig)(simulator.url),
    args: options.args ?? ['--workers', '1'],
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  return new AiGateway(gateway, simulator);
}
