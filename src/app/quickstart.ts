// `--quickstart`: a gateway without a configuration file, against OpenAI when a key is set, else against the built-in simulator.
import type { SourceDocument } from '../control/sources/file-source.ts';
import { startSimulation } from './simulation.ts';

export interface Quickstart {
  readonly document: SourceDocument;
  /** What stands behind the gateway. */
  readonly summary: string;
  /** Lines to paste into a shell. */
  tryLines(url: string): readonly string[];
  close(): Promise<void>;
}

function configuration(backend: object): SourceDocument {
  const document = {
    backends: { ai: backend },
    routes: [{ name: 'ai', match: [{ path: '/v1/*' }, { path: '/v1beta/*' }], backend: 'ai' }],
  };
  return { source: 'quickstart', text: JSON.stringify(document, undefined, 2) };
}

function tryLines(url: string, model: string): readonly string[] {
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Say hello' }] });
  return [`curl -N ${url}/v1/chat/completions \\`, `  -H 'content-type: application/json' \\`, `  -d '${body}'`];
}

/** The provider reads its key from the environment by itself, so the document holds none. */
export async function prepareQuickstart(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Quickstart> {
  if (environment.OPENAI_API_KEY) {
    return {
      document: configuration({ provider: 'openai' }),
      summary: 'Requests to /v1/* and /v1beta/* go to OpenAI with the key in OPENAI_API_KEY.',
      tryLines: (url) => tryLines(url, 'gpt-4o-mini'),
      close: async () => {},
    };
  }
  const simulator = await startSimulation({ port: 0, address: '127.0.0.1' });
  if (typeof simulator === 'string') throw new Error(`the simulator did not start: ${simulator}`);
  return {
    document: configuration({ provider: 'openai', base_url: `${simulator.url}/v1`, api_key: 'simulated' }),
    summary: 'Requests to /v1/* and /v1beta/* go to a built-in fake model (OPENAI_API_KEY is not set).',
    tryLines: (url) => tryLines(url, 'gpt-4o-mini'),
    close: () => simulator.close(),
  };
}
