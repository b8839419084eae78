// Official clients through the gateway against every kind of provider. Prints the matrix; tools/matrix says how to read it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { formatRegistry } from '../../../src/llm/formats/registry.ts';
import { providerRegistry } from '../../../src/llm/providers/registry.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { FILE_SCOPE, type LogLine } from '../../support/ai-gateway.ts';
import { startTestGateway, until } from '../support/gateway.ts';
import { aiAnthropic, aiGoogle, aiOpenai, aiOpenaiResponses } from './clients/ai-sdk.ts';
import { anthropicMessages } from './clients/anthropic.ts';
import { googleGenai } from './clients/google.ts';
import { langchainOpenai } from './clients/langchain.ts';
import { openaiChat } from './clients/openai.ts';
import { openaiResponses } from './clients/openai-responses.ts';
import { FEATURES, type Feature, type World } from './features.ts';
import { findMissing, MISSING, REFUSED } from './missing.ts';
import { type CellResult, printMatrix } from './print-matrix.ts';
import { matrixConfig, PROVIDER_FIELD, PROVIDER_KEY, PROVIDER_KINDS, type ProviderKind } from './providers.ts';
import type { MatrixClient } from './session.ts';

const CLIENTS: readonly MatrixClient[] = [
  openaiChat,
  openaiResponses,
  langchainOpenai,
  aiOpenai,
  aiOpenaiResponses,
  anthropicMessages,
  aiAnthropic,
  googleGenai,
  aiGoogle,
];

const simulator = await startSimulator({ port: 0, requireKey: PROVIDER_KEY });
after(() => simulator.close());
const known = PROVIDER_KINDS.filter(({ provider }) => providerRegistry.has(provider));
const gateway = await startTestGateway(FILE_SCOPE, {
  config: matrixConfig(simulator.url, known),
  args: ['--workers', '1'],
});
const results: CellResult[] = [];
let cells = 0;

after(() => {
  process.stdout.write(`\n${printMatrix(results)}\n`);
});

async function loggedUsage(requestId: string): Promise<{ readonly input: number; readonly output: number }> {
  const line = await until('the log line', () => {
    return (gateway.accessLog as unknown as readonly LogLine[]).find(({ request_id }) => request_id === requestId);
  });
  const usage = line.gen_ai?.usage;
  return { input: usage?.input_tokens ?? -1, output: usage?.output_tokens ?? -1 };
}

/** Why nothing can be asked, before anybody tries. */
function obstacle(client: MatrixClient, kind: ProviderKind): string | undefined {
  if (!providerRegistry.has(kind.provider)) return `there is no provider ${kind.provider}`;
  return formatRegistry.has(client.format) ? undefined : `there is no client format ${client.format}`;
}

async function failureOf(feature: Feature, world: World): Promise<unknown> {
  try {
    await feature.run(world);
    return undefined;
  } catch (error) {
    return error;
  }
}

async function runCell(client: MatrixClient, kind: ProviderKind, feature: Feature): Promise<void> {
  const cell = { client: client.name, provider: kind.name, feature: feature.name };
  const requestId = `cell-${++cells}`;
  const headers = { [PROVIDER_FIELD]: kind.name, 'x-request-id': requestId };
  const session = client.open({ gatewayUrl: gateway.url, headers });
  const absent = feature.absent?.({ session, kind });
  if (absent !== undefined) {
    results.push({ ...cell, state: 'absent', why: absent });
    return;
  }
  const why = obstacle(client, kind);
  const failure =
    why === undefined
      ? await failureOf(feature, { session, simulator, kind, loggedUsage: () => loggedUsage(requestId) })
      : new Error(why);
  const refused = findMissing(REFUSED, cell);
  const missing = refused ?? findMissing(MISSING, cell);
  if (failure === undefined && missing === undefined) results.push({ ...cell, state: 'works', why: '' });
  else if (failure !== undefined && missing !== undefined)
    results.push({ ...cell, state: refused === undefined ? 'missing' : 'refused', why: missing.why });
  else {
    const text =
      failure === undefined ? 'it works although it is listed as missing' : String((failure as Error).message);
    results.push({ ...cell, state: 'broken', why: text.split('\n', 1)[0] });
    assert.ifError(failure);
    assert.fail(`${text}: take it off the table in missing.ts`);
  }
}

for (const client of CLIENTS) {
  for (const kind of PROVIDER_KINDS) {
    test(`${client.name} → ${kind.name}`, async (context) => {
      for (const feature of FEATURES) await context.test(feature.name, () => runCell(client, kind, feature));
    });
  }
}
