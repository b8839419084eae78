// Runs clients against every kind of provider behind one gateway and one simulator, cell by cell, and prints the matrix.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { formatRegistry } from '../../../src/llm/formats/registry.ts';
import { providerRegistry } from '../../../src/llm/providers/registry.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';
import { FILE_SCOPE, type LogLine } from '../../support/ai-gateway.ts';
import { startTestGateway, type TestGateway, until } from '../support/gateway.ts';
import { FEATURES, type Feature, type World } from './features.ts';
import { findMissing, MISSING, REFUSED } from './missing.ts';
import { type CellResult, printMatrix } from './print-matrix.ts';
import { matrixConfig, PROVIDER_FIELD, PROVIDER_KEY, PROVIDER_KINDS, type ProviderKind } from './providers.ts';
import type { MatrixClient } from './session.ts';

interface Stage {
  readonly simulator: Simulator;
  readonly gateway: TestGateway;
  readonly results: CellResult[];
  /** For ids of requests. */
  cells: number;
}

async function openStage(): Promise<Stage> {
  const simulator = await startSimulator({ port: 0, requireKey: PROVIDER_KEY });
  after(() => simulator.close());
  const known = PROVIDER_KINDS.filter(({ provider }) => providerRegistry.has(provider));
  const config = matrixConfig(simulator.url, known);
  const gateway = await startTestGateway(FILE_SCOPE, { config, args: ['--workers', '1'] });
  return { simulator, gateway, results: [], cells: 0 };
}

/** One test per client and provider, with one inside for each feature. */
export async function runMatrix(clients: readonly MatrixClient[]): Promise<void> {
  const stage = await openStage();
  after(() => void process.stdout.write(`\n${printMatrix(stage.results)}\n`));
  for (const client of clients) {
    for (const kind of PROVIDER_KINDS) {
      test(`${client.name} → ${kind.name}`, async (context) => {
        for (const feature of FEATURES)
          await context.test(feature.name, () => runCell(stage, { client, kind, feature }));
      });
    }
  }
}

type LoggedUsage = Awaited<ReturnType<World['loggedUsage']>>;

async function loggedUsage({ gateway }: Stage, requestId: string): Promise<LoggedUsage> {
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

interface Cell {
  readonly client: MatrixClient;
  readonly kind: ProviderKind;
  readonly feature: Feature;
}

async function runCell(stage: Stage, { client, kind, feature }: Cell): Promise<void> {
  const { gateway, simulator } = stage;
  const cell = { client: client.name, provider: kind.name, feature: feature.name };
  const requestId = `cell-${++stage.cells}`;
  const headers = { [PROVIDER_FIELD]: kind.name, 'x-request-id': requestId };
  const session = client.open({ gatewayUrl: gateway.url, headers });
  const absent = feature.absent?.({ session, kind });
  if (absent !== undefined) {
    stage.results.push({ ...cell, state: 'absent', why: absent });
    return;
  }
  const why = obstacle(client, kind);
  const world: World = { session, simulator, kind, loggedUsage: () => loggedUsage(stage, requestId) };
  const failure = why === undefined ? await failureOf(feature, world) : new Error(why);
  const result = judge(cell, failure);
  stage.results.push(result);
  if (result.state === 'broken') assert.fail(failure instanceof Error ? failure : result.why);
}

/** A listed cell must fail, any other must work. */
function judge(cell: Omit<CellResult, 'state' | 'why'>, failure: unknown): CellResult {
  const refused = findMissing(REFUSED, cell);
  const listed = refused ?? findMissing(MISSING, cell);
  if (failure === undefined) {
    if (listed === undefined) return { ...cell, state: 'works', why: '' };
    return { ...cell, state: 'broken', why: 'it works although missing.ts lists it: take it off the table' };
  }
  if (listed !== undefined) return { ...cell, state: refused === undefined ? 'missing' : 'refused', why: listed.why };
  const [message] = (failure instanceof Error ? failure.message : String(failure)).split('\n', 1);
  return { ...cell, state: 'broken', why: message };
}
